import type { Params } from './jsonrpc.js';

/** W3C trace context as it travels in `_meta` (2026-07-28: basic, SEP-414) and in HTTP headers of the same names. */
export interface TraceContext {
  readonly traceparent?: string;
  readonly tracestate?: string;
  readonly baggage?: string;
}

// Trace Context 3.2: version ff is invalid, and so are ids of zeros only; versions after 00 may go on after the flags.
const parent =
  /^(?:00|(?!ff)[0-9a-f]{2})-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-[!-~]*)?$/;
const parentLength = 55;
// Trace Context 3.3.1: a vendor's key (a tenant's with @) and a value without comma and equals sign.
const stateMember =
  /^(?:[a-z0-9][a-z0-9_\-*/]{0,240}@)?[a-z0-9][a-z0-9_\-*/]{0,255}=[ -+\--<>-~]{0,255}[!-+\--<>-~]$/;
const maxStateMembers = 32;
// Baggage 3.3.1: a token, a value of octets without quotes, comma, semicolon and backslash; then properties.
const baggageEntry = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+[ \t]*=[ \t]*[!#-+\--:<-[\]-~]*$/;
const baggageProperty = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+(?:[ \t]*=[ \t]*[!#-+\--:<-[\]-~]*)?$/;
const maxBaggageMembers = 64;
/** What a header may hold, and no longer than the baggage specification asks to pass on at least. */
const field = /^[\t -~]{1,8192}$/;

/**
 * The trace context of a message, as far as it is valid: what is malformed is left out and no error, and `tracestate` goes with its
 * `traceparent`.
 *
 * @param meta the message's `_meta`
 */
export const traceContext = ({ traceparent, tracestate, baggage }: Params): TraceContext => {
  const hasParent = isParent(traceparent);
  return {
    ...(hasParent ? { traceparent } : undefined),
    ...(hasParent && isState(tracestate) ? { tracestate } : undefined),
    ...(isBaggage(baggage) ? { baggage } : undefined),
  };
};

const isField = (value: unknown): value is string => typeof value === 'string' && field.test(value);

const isParent = (value: unknown): value is string =>
  isField(value) && parent.test(value) && (!value.startsWith('00') || value.length === parentLength);

const isState = (value: unknown): value is string => {
  if (!isField(value)) return false;
  // Empty members are allowed; a list of nothing else says nothing.
  const members = trimmed(value, ',').filter((member) => member !== '');
  return (
    members.length > 0 &&
    members.length <= maxStateMembers &&
    members.every((member) => stateMember.test(member))
  );
};

const isBaggage = (value: unknown): value is string => {
  if (!isField(value)) return false;
  const members = trimmed(value, ',');
  return members.length <= maxBaggageMembers && members.every(isBaggageMember);
};

const isBaggageMember = (member: string): boolean => {
  const [entry = '', ...properties] = trimmed(member, ';');
  return baggageEntry.test(entry) && properties.every((property) => baggageProperty.test(property));
};

/** The parts of a list, white space around them taken off. */
const trimmed = (text: string, separator: string): readonly string[] =>
  text.split(separator).map((part) => part.trim());
