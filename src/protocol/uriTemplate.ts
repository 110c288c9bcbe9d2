/** Tells which resource template (RFC 6570) a URI belongs to. */
export type UriTest = (uri: string) => boolean;

const maxLength = 4096;

/** Characters an expression may stand for, and whether it may stand for none. */
interface Wildcard {
  readonly stops: string;
  readonly optional: boolean;
}

type Token = string | Wildcard;

/**
 * Compiles a template into a test. A simple expression stands for one or more characters other than `/`, `?` and `#`;
 * `{+x}` and `{#x}` for any; the others (`{/x}`, `{?x}`, …) for anything or nothing. Only for finding the server that may
 * know the resource: the server itself decides whether the URI is one of its own.
 *
 * Matching walks the set of reachable positions: linear in the URI for each token, so nobody's template or URI makes it slow
 * (a regular expression with several `.+` would not promise that).
 */
export const uriTemplateTest = (template: string): UriTest => {
  if (template.length > maxLength) return () => false;
  const tokens = template.split(/(\{[^{}]*\})/).flatMap((piece): Token[] => {
    if (piece === '') return [];
    return piece.startsWith('{') ? [wildcard(piece)] : [piece];
  });
  return (uri) => {
    if (uri.length > maxLength) return false;
    let reachable = new Uint8Array(uri.length + 1);
    reachable[0] = 1;
    for (const token of tokens)
      reachable = typeof token === 'string' ? literal(uri, token, reachable) : spread(uri, token, reachable);
    return reachable[uri.length] === 1;
  };
};

const wildcard = (expression: string): Wildcard => {
  const operator = expression[1] ?? '';
  if (operator === '+' || operator === '#') return { stops: '', optional: false };
  if ('./;?&'.includes(operator)) return { stops: '', optional: true };
  return { stops: '/?#', optional: false };
};

const literal = (uri: string, text: string, from: Uint8Array): Uint8Array<ArrayBuffer> => {
  const to = new Uint8Array(uri.length + 1);
  for (let i = 0; i + text.length <= uri.length; i++)
    if (from[i] === 1 && uri.startsWith(text, i)) to[i + text.length] = 1;
  return to;
};

const spread = (uri: string, { stops, optional }: Wildcard, from: Uint8Array): Uint8Array<ArrayBuffer> => {
  const to = new Uint8Array(uri.length + 1);
  let running = false;
  for (let i = 0; i <= uri.length; i++) {
    if (running) to[i] = 1;
    if (from[i] === 1) {
      running = true;
      if (optional) to[i] = 1;
    }
    if (i < uri.length && stops.includes(uri.charAt(i))) running = false;
  }
  return to;
};
