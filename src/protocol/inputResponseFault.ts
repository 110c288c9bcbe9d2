import { isObject } from './jsonrpc.js';

/** Says what is wrong with a value by one definition of the official schema, or nothing. */
export type DefinitionCheck = (definition: string, value: unknown) => string | undefined;

/**
 * What is wrong with the answers of a round. The schema allows each of them three forms, and tells of the first when none fits:
 * this one tells of the form that was meant.
 *
 * @param responses `params.inputResponses` of a call that the schema refused
 * @returns undefined when nothing is wrong with them
 */
export const inputResponseFault = (responses: unknown, check: DefinitionCheck): string | undefined => {
  if (!isObject(responses)) return undefined;
  for (const [key, answer] of Object.entries(responses)) {
    const fault = faultOf(answer, check);
    if (fault !== undefined) return `params.inputResponses[${JSON.stringify(key.slice(0, maxKey))}] ${fault}`;
  }
  return undefined;
};

/** Characters of a key that are repeated to who sent it. */
const maxKey = 100;

const faultOf = (answer: unknown, check: DefinitionCheck): string | undefined => {
  if (!isObject(answer)) return 'must be object';
  const definition = meant(answer);
  if (definition === undefined)
    return 'is no answer: an elicitation wants `action`, roots/list `roots`, sampling `role`, `content` and `model`';
  const fault = check(definition, answer);
  return fault === undefined ? undefined : `is no ${definition}: ${fault}`;
};

const meant = (answer: Readonly<Record<string, unknown>>): string | undefined => {
  if ('action' in answer) return 'ElicitResult';
  if ('roots' in answer) return 'ListRootsResult';
  return 'role' in answer || 'model' in answer ? 'CreateMessageResult' : undefined;
};
