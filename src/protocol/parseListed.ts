import { isObject } from './jsonrpc.js';
import { isDeeperThan } from './depth.js';

/** Where lists stand in the results of MCP. */
const listKeys = ['tools', 'prompts', 'resources', 'resourceTemplates'] as const;

/**
 * Parses the message of a backend. In a list, what nests too deeply becomes `null`, so that one tool does not take the others with
 * it: whoever reads lists leaves out what is no object.
 *
 * @param maxDepth levels allowed; whoever writes the value again (`JSON.stringify`) needs a stack frame a level
 * @returns undefined for what is no JSON or is too deep elsewhere
 */
export const parseListed = (text: string, maxDepth: number): unknown => {
  const deep = isDeeperThan(text, maxDepth);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined; // no JSON: the caller has the text
  }
  if (!deep) return value;
  if (!isObject(value) || !isObject(value['result'])) return undefined;
  const { result } = value;
  const sieved = Object.fromEntries(
    listKeys
      .filter((key) => Array.isArray(result[key]))
      .map((key) => [
        key,
        (result[key] as unknown[]).map((item) => (nestsDeeper(item, maxDepth - itemLevels) ? null : item)),
      ]),
  );
  const rest = { ...value, result: { ...result, ...sieved } };
  return nestsDeeper(rest, maxDepth) ? undefined : rest;
};

/** The message, its result and the list stand around an item. */
const itemLevels = 3;

/** The same question as `isDeeperThan`, of a value. Without recursion: it is asked of what recursion can't take. */
const nestsDeeper = (value: unknown, max: number): boolean => {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    const containers = level.filter((one): one is object => typeof one === 'object' && one !== null);
    if (containers.length > 0 && depth >= max) return true;
    level = containers.flatMap((one): unknown[] => Object.values(one));
  }
  return false;
};
