import { looksSecret } from './looksSecret.js';
import { matchSpans } from './matchSpans.js';
import type { Span } from './span.js';

/** Tokens that can be told by their look, by who gives them out. */
const known =
  /(?<![A-Za-z0-9])(?:(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}|gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{22,255}|glpat-[A-Za-z0-9_-]{20,255}|xox[abeoprs]-[A-Za-z0-9-]{10,255}|xapp-\d-[A-Za-z0-9-]{10,255}|AIza[A-Za-z0-9_-]{35}|[sr]k_(?:live|test)_[A-Za-z0-9]{16,255}|sk-[A-Za-z0-9_-]{20,255}|npm_[A-Za-z0-9]{36})(?![A-Za-z0-9])/g;
const slackHook =
  /hooks\.slack\.com\/services\/(?<value>T[A-Z0-9]{6,16}\/B[A-Z0-9]{6,16}\/[A-Za-z0-9]{16,32})/g;
/** A JSON Web Token; from its first dot on, for in a stream the rest may be still to come. */
const jwt =
  /(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,4096}\.[A-Za-z0-9_-]{0,8192}(?:\.[A-Za-z0-9_-]{0,8192}){0,3}/g;
/** `Authorization: Bearer …`, wherever it stands. */
const scheme = /(?<![A-Za-z0-9])(?:bearer|basic|dpop)[ \t]{1,4}(?<value>[A-Za-z0-9._~+/-]{8,8192}={0,2})/gi;
/** `api_key=…`, `"password": "…"`, `DB_SECRET => …`. */
const assigned =
  /(?:passw(?:or)?d|passphrase|pwd|secret|token|(?:api|access|private|auth)[_-]?key|credential)[A-Za-z0-9_-]{0,16}\\?["']?[ \t]{0,4}(?::=|=>|[:=])[ \t]{0,4}\\?["']?(?<value>[^\s"'\\,;&<>(){}]{6,512})/gi;

const pemBegin = '-----BEGIN ';
const pemHead = /^-----BEGIN (?:[A-Z0-9]{1,16} ){0,4}PRIVATE KEY(?: BLOCK)?-----/;
/** Longer than any key; one without an end is one up to here. */
const maxPem = 16_384;

/** What one of them has in it; short texts without are most of those there are, and are not searched five times. */
const hint =
  /eyJ|bearer|basic|dpop|pass|pwd|secret|token|key|credential|A(?:KI|SI|BI|CC)A|gh[pousr]_|github_pat|glpat|xox|xapp|AIza|[sr]k_|sk-|npm_|hooks|BEGIN/i;
const shortText = 512;

/**
 * Finds tokens and keys: `Bearer` and `Basic` credentials, JSON Web Tokens, private keys in PEM, those of AWS, GitHub, GitLab, Slack,
 * Google, Stripe, npm and `sk-…`, and whatever of much entropy follows a name such as `api_key=`.
 */
export const secretSpans = (text: string): Span[] =>
  text.length < shortText && !hint.test(text)
    ? []
    : [
        ...pemSpans(text),
        ...matchSpans(text, jwt),
        ...matchSpans(text, known),
        ...(text.includes('hooks.slack.com') ? matchSpans(text, slackHook) : []),
        ...matchSpans(text, scheme, isCredential),
        ...matchSpans(text, assigned, (value) => looksSecret(value, 2.5)),
      ];

/** Not a word of a sentence: "basic functionality", "bearer instruments". */
const isCredential = (value: string): boolean =>
  /\d/.test(value) || /[a-z][A-Z]/.test(value) || value.length > 32;

const pemSpans = (text: string): Span[] => {
  const spans: Span[] = [];
  let at = text.indexOf(pemBegin);
  /** Where the next end is; looked up once for all beginnings before it. */
  let stop = -1;
  while (at !== -1) {
    let next = at + pemBegin.length;
    if (pemHead.test(text.slice(at, at + 128))) {
      if (stop !== Infinity && stop < at) stop = endAfter(text, at);
      const end = Math.min(stop, at + maxPem, text.length);
      spans.push({ start: at, end, context: at });
      next = end;
    }
    at = text.indexOf(pemBegin, next);
  }
  return spans;
};

const endAfter = (text: string, from: number): number => {
  const at = text.indexOf('-----END ', from);
  if (at === -1) return Infinity;
  const close = text.indexOf('-----', at + 9);
  return close === -1 ? text.length : close + 5;
};
