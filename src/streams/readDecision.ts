import { isObject } from '../protocol/jsonrpc.js';
import { addedHeaderFault } from '../protocol/addedHeaderFault.js';
import type { Decision, Obligations } from './decision.js';

/** Longest reason that is kept, in characters: it goes into every log line of a denied call. */
const maxReason = 500;
/** Most entries of an obligation: a policy that names more has gone wrong. */
const maxEntries = 100;

/**
 * The answer of a policy as a decision: `true`, `false`, or `{ allow, reason, obligations: { mask, headers, scopes, per_minute } }`.
 *
 * > Closed: an undefined answer denies. What is not understood, an obligation above all, decides nothing: see `Decision.fault`.
 *
 * @param value as it came, undefined where the policy had no answer
 * @param policy its name
 */
export const readDecision = (value: unknown, policy: string): Decision => {
  if (value === true) return { allow: true, obligations: {}, policy };
  if (value === false || value === undefined) return { allow: false, obligations: {}, policy };
  if (!isObject(value) || typeof value['allow'] !== 'boolean')
    return faulty(policy, 'The answer is neither a boolean nor an object with a boolean `allow`');
  const allow = value['allow'];
  const said = typeof value['reason'] === 'string' ? sentence(value['reason']) : '';
  const reason = said === '' ? {} : { reason: said };
  // Of a call that does not take place nothing is asked.
  if (!allow || value['obligations'] === undefined) return { allow, ...reason, obligations: {}, policy };
  const obligations = readObligations(value['obligations']);
  return typeof obligations === 'string'
    ? faulty(policy, obligations)
    : { allow, ...reason, obligations, policy };
};

/** A decision that is none. */
export const faulty = (policy: string, fault: string): Decision => ({
  allow: false,
  obligations: {},
  policy,
  fault,
});

// Control characters would forge lines where a log is read on a terminal.
const sentence = (text: string): string =>
  text
    .slice(0, maxReason)
    .replace(/\p{C}+/gu, ' ')
    .trim();

/** Or what is wrong with them. */
const readObligations = (value: unknown): Obligations | string => {
  if (!isObject(value)) return '`obligations` is no object';
  const read: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    const reader = Object.hasOwn(readers, key) ? readers[key] : undefined;
    if (reader === undefined) return `The obligation \`${sentence(key)}\` is not known`;
    const found = reader(item);
    if (typeof found === 'string') return `The obligation \`${key}\` ${found}`;
    Object.assign(read, found);
  }
  return read;
};

const readers: Readonly<Record<string, (value: unknown) => Obligations | string>> = {
  mask: (value) => {
    const mask = textsIn(value);
    // Whether they are paths is found out where they are used, and refuses the call as well.
    return mask === undefined ? 'is no list of JSON paths' : { mask };
  },
  scopes: (value) => {
    const scopes = textsIn(value);
    // RFC 6749, 3.3: what may be in a scope, so that none can end the header that it is named in.
    return scopes?.every((scope) => /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(scope)) === true
      ? { scopes }
      : 'is no list of scopes';
  },
  per_minute: (value) =>
    typeof value === 'number' && Number.isSafeInteger(value) && value > 0
      ? { perMinute: value }
      : 'is no whole number above 0',
  headers: (value) => {
    if (!isObject(value) || Object.keys(value).length > maxEntries) return 'is no object of headers';
    const headers: Record<string, string> = {};
    for (const [name, text] of Object.entries(value)) {
      if (typeof text !== 'string') return `has a header \`${sentence(name)}\` that is no text`;
      const fault = addedHeaderFault(name, text);
      if (fault !== undefined) return `has a header \`${sentence(name)}\` ${fault}`;
      headers[name.toLowerCase()] = text;
    }
    return { headers };
  },
};

const textsIn = (value: unknown): readonly string[] | undefined =>
  Array.isArray(value) && value.length <= maxEntries && value.every((item) => typeof item === 'string')
    ? value
    : undefined;
