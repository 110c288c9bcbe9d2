import { isObject } from '../../protocol/jsonrpc.js';
import type { AskedCaller, ExplainQuestion } from '../../protocol/explain/explanation.js';
import { ApiError } from './apiError.js';

/** What an explained call is about, by its method. */
const named = { 'tools/call': 'tool', 'prompts/get': 'prompt', 'resources/read': 'uri' } as const;

/**
 * The question in the body of a request for an explanation.
 *
 * @throws ApiError `ERR_INVALID_REQUEST`, with what is wrong
 */
export const readQuestion = (body: Readonly<Record<string, unknown>>): ExplainQuestion => {
  const method = Object.keys(named).find((one) => one === (body['method'] ?? 'tools/call'));
  if (method === undefined) throw wrong(`\`method\` is one of ${Object.keys(named).join(', ')}`);
  const known = method as keyof typeof named;
  const name = text(body, named[known]);
  if (name === undefined) throw wrong(`\`${named[known]}\` names what is called`);
  const { arguments: given, as = {} } = body;
  if (given !== undefined && !isObject(given)) throw wrong('`arguments` is an object');
  if (!isObject(as)) throw wrong('`as` is an object: user, client, tenant, roles, scopes, claims');
  const namespace = text(body, 'namespace');
  return {
    method: known,
    name,
    ...(given !== undefined && { arguments: given }),
    ...(namespace !== undefined && { namespace }),
    as: callerOf(as),
  };
};

const callerOf = (as: Readonly<Record<string, unknown>>): AskedCaller => {
  const [user, client, tenant] = [text(as, 'user'), text(as, 'client'), text(as, 'tenant')];
  const [roles, scopes] = [words(as, 'roles'), words(as, 'scopes')];
  const { claims } = as;
  if (claims !== undefined && !isObject(claims)) throw wrong('`as.claims` is an object');
  return {
    ...(user !== undefined && { user }),
    ...(client !== undefined && { client }),
    ...(tenant !== undefined && { tenant }),
    ...(roles !== undefined && { roles }),
    ...(scopes !== undefined && { scopes }),
    ...(claims !== undefined && { claims }),
  };
};

const maxText = 4096;
const maxWords = 200;

const text = (from: Readonly<Record<string, unknown>>, key: string): string | undefined => {
  const value = from[key];
  if (value === undefined || value === '') return undefined;
  if (typeof value !== 'string' || value.length > maxText) throw wrong(`\`${key}\` is a text`);
  return value;
};

const words = (from: Readonly<Record<string, unknown>>, key: string): readonly string[] | undefined => {
  const value = from[key];
  if (value === undefined) return undefined;
  if (!Array.isArray(value) || value.length > maxWords || value.some((word) => typeof word !== 'string'))
    throw wrong(`\`${key}\` is a list of words`);
  return value as string[];
};

const wrong = (message: string): ApiError => new ApiError('ERR_INVALID_REQUEST', message);
