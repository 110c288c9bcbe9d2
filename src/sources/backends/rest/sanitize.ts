import { isIPv6 } from 'node:net';

const removed = '[removed]';

/** Lines of stack traces as Node, Java, .NET, Python, Go and Ruby write them. */
const stackLines: readonly RegExp[] = [
  /^\s*at\s.*:\d+:\d+\)?;?$/,
  /^\s*at\s+(?:async |new )?[\w.$<>[\]/]+\s?\(.*\)/,
  /^\s*(?:\.\.\. \d+ (?:more|common frames)|Caused by:|Traceback \(most recent|goroutine \d+)/,
  /^\s*(?:File ".*", line \d|from \S+:\d+:in |\S+\.(?:go|rb|py|js|ts|java|cs|php):\d+)/,
];

/** In this order: what is longer and surer first. Each is linear in the text, which is bounded by the caller. */
const patterns: readonly RegExp[] = [
  // Any URL, database and message broker ones included.
  /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s"'<>]+/gi,
  // What looks like a credential.
  /\b(?:bearer|basic)\s+[\w+/=.~-]{8,}/gi,
  /\b(?:password|passwd|pwd|secret|token|api[_-]?key|authorization)["']?\s*[=:]\s*["']?[^\s"',;]+/gi,
  /\beyJ[\w-]{5,4096}\.[\w-]{5,}\.[\w-]*/g,
  // IPv4 with or without port, and bracketed IPv6.
  /(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?(?![\w.]*\w)/g,
  /\[[0-9a-f:.]{2,45}(?:%\w{1,16})?\](?::\d{1,5})?/gi,
  // Names of hosts: with a port, after a resolver's complaint, or in a domain that is never public.
  /(?<![\w.-])[a-z](?:[\w-]{0,62}\.)*[\w-]{0,62}:\d{4,5}(?!\w)/gi,
  /\blocalhost\b(?::\d{1,5})?/gi,
  /(?<=\b(?:ENOTFOUND|EAI_AGAIN|getaddrinfo|ECONNREFUSED)\s{1,3})[\w.-]+/g,
  /(?<![\w.-])(?:[\w-]{1,63}\.){1,8}(?:internal|local|localdomain|lan|corp|intranet|svc|home|arpa)\b(?::\d{1,5})?/gi,
  // Files: Windows, then Unix ones of two levels and more.
  /\b[a-z]:\\[^\s"'<>]*/gi,
  /(?<![\w/])(?:file:)?(?:\/[\w.@%+~-]{1,255}){2,64}\/?(?::\d+){0,2}/gi,
];

const ipv6Like = /(?<![\w:.])[0-9a-f:.]{2,45}(?![\w:])/gi;

/**
 * A backend's own words, fit to be shown to a client: without URLs, addresses, host names, file paths, credentials and stack
 * traces, in one piece, and short.
 *
 * > When in doubt it removes: a message that lost a word is a nuisance, an address that got out is a leak.
 *
 * @param text at most some tens of kilobytes
 * @param secrets texts that must not appear, such as the values of the server's own headers
 * @param length characters at most
 */
export const sanitize = (text: string, secrets: readonly string[], length: number): string => {
  let clean = text;
  for (const secret of secrets) if (secret.length >= 4) clean = clean.replaceAll(secret, removed);
  // Anything beyond would be cut anyway; a word cut in two might no longer be recognised, so it goes as well.
  if (clean.length > 4 * length) clean = clean.slice(0, 4 * length).replace(/\S*$/, '');
  const lines = clean.split(/\r\n|\r|\n/).filter((line) => !stackLines.some((pattern) => pattern.test(line)));
  clean = lines.join('\n');
  for (const pattern of patterns) clean = clean.replace(pattern, removed);
  clean = clean.replace(ipv6Like, (word) => (word.includes('::') || isIPv6(word) ? removed : word));
  // Control characters could play tricks on a terminal, and those of direction on its reader.
  clean = clean
    .replace(/\p{Cc}+/gu, ' ')
    .replace(/\p{Bidi_Control}+/gu, '')
    .trim();
  return clean.length > length ? `${clean.slice(0, length)}…` : clean;
};
