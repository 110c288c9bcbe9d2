import { matchSpans } from './matchSpans.js';
import type { Span } from './span.js';

/**
 * Mail addresses (RFC 5321's sizes, RFC 6531's letters), also with the `@` escaped as in a URL. Not: quoted local parts, hosts without
 * a dot.
 */
const address =
  /(?<![\p{L}\p{N}_.+'-])[\p{L}\p{N}_][\p{L}\p{N}_.+'-]{0,63}(?:@|%40)(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,62})\.){1,8}(?:xn--[a-z0-9-]{1,59}|\p{L}{2,24})(?![\p{L}\p{N}_-])/giu;

/** Finds mail addresses. */
export const emailSpans = (text: string): Span[] =>
  text.includes('@') || text.includes('%40') ? matchSpans(text, address) : [];
