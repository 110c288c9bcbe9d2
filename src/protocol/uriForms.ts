/** A URI in the two ways that servers may read it, for comparing with patterns. */
export interface UriForms {
  /** As RFC 3986 (6.2.2) makes equal URIs the same: scheme and host in lower case, nothing escaped that need not be. */
  readonly exact: string;
  /** With nothing escaped at all, and no two slashes in a row: as a careless server opens a file. */
  readonly bare: string;
}

const maxLength = 4096;

/**
 * Normalises a URI, or a pattern of URIs, before a policy looks at it. Pure.
 *
 * Refuses what can only be meant to look like something else: segments `.` and `..`, escaped or not, an escape within an escape
 * (`%252e`), escapes that are no UTF-8, control characters, a backslash, and what has no scheme.
 *
 * @returns undefined for what is refused
 */
export const uriForms = (uri: string): UriForms | undefined => {
  if (uri.length > maxLength) return undefined;
  const parts = /^([a-z][a-z0-9+.-]*):(\/\/[^/?#]*)?([^]*)$/i.exec(uri);
  if (parts === null) return undefined;
  const [, scheme = '', authority = '', rest = ''] = parts;
  const head = `${scheme.toLowerCase()}:${authority.toLowerCase()}`;
  const bareRest = decoded(rest);
  const bareHead = decoded(head);
  if (bareRest === undefined || bareHead === undefined) return undefined;
  const whole = bareHead + bareRest;
  if (/[\p{Cc}\p{Cf}\p{Cs}\\]/u.test(whole) || /%[0-9a-f]{2}/i.test(whole)) return undefined;
  // Wide letters are dots and slashes to some; `..;` is `..` to servlets.
  if (/(?:^|[/:\\])\.{1,2}(?:[/?#;\\]|$)/.test(bareRest.normalize('NFKC'))) return undefined;
  return {
    exact: unreserved(head + rest),
    bare: (bareHead + bareRest.replace(/\/{2,}/g, '/')).normalize('NFC'),
  };
};

const decoded = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined; // No UTF-8, or a lone `%`.
  }
};

/** `%41` says no more than `A`; `%2f` and `%2F` say the same. */
const unreserved = (text: string): string =>
  encodeURI(text)
    // encodeURI has escaped the `%` of what was escaped already.
    .replace(/%25([0-9a-f]{2})/gi, (_whole, hex: string) => {
      const char = String.fromCharCode(Number.parseInt(hex, 16));
      return /[A-Za-z0-9._~-]/.test(char) ? char : `%${hex.toUpperCase()}`;
    });
