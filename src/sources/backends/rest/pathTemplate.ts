/** A template filled: the path, or why it can't be. */
export type FilledPath = { readonly path: string } | { readonly refused: string };

/** A compiled path template. */
export interface PathTemplate {
  /** The arguments it consumes, in order, each once. */
  readonly names: readonly string[];
  /** Fills it. Refuses a missing argument and any value with which the path would leave its segment. */
  fill(values: Readonly<Record<string, unknown>>): FilledPath;
}

/**
 * Compiles a path template such as `/orders/{id}/lines/{line}`, once per tool.
 *
 * A value is percent-encoded as a whole, so `/`, `?` and `#` in it stay part of its segment. That is not enough: `..` needs no
 * encoding, and servers and proxies exist that decode `%2F` (or decode twice) before they resolve dots. So a segment is refused
 * if it contains a `.` or `..` step after any number of decodings. An empty value counts as missing: `DELETE /orders/` is a
 * different thing than `DELETE /orders/7`.
 *
 * @param prefix the base URL's path, with no slash at its end
 * @param template begins with `/`; may have a query, in which placeholders are filled too
 * @throws TypeError for a template with unbalanced braces or white space
 */
export const pathTemplate = (prefix: string, template: string): PathTemplate => {
  if (/\s/.test(template)) throw new TypeError(`A path holds no white space: "${template}"`);
  const whole = prefix + (template.startsWith('/') || template === '' ? template : `/${template}`);
  const queryAt = whole.indexOf('?') === -1 ? whole.length : whole.indexOf('?');
  const segments = [
    ...whole.slice(0, queryAt).split('/').map(compileSegment),
    // The query is one more piece, without the slash and without the rule for dots.
  ];
  const query = compileSegment(whole.slice(queryAt));
  const names = [...new Set([...segments, query].flatMap((segment) => segment.names))];
  if (names.length === 0) {
    const filled: FilledPath = { path: whole === '' ? '/' : whole };
    return { names, fill: () => filled };
  }
  return { names, fill: (values) => fillAll(segments, query, names, values) };
};

interface Segment {
  /** Literals and names in turn: literal, name, literal, …, literal. */
  readonly parts: readonly string[];
  readonly names: readonly string[];
}

const compileSegment = (text: string): Segment => {
  const parts = text.split(/\{([^{}]+)\}/);
  const names = parts.filter((_, index) => index % 2 === 1);
  if (parts.some((part, index) => index % 2 === 0 && /[{}]/.test(part)))
    throw new TypeError(`Unbalanced braces in the path at "${text}"`);
  return { parts, names };
};

const fillAll = (
  segments: readonly Segment[],
  query: Segment,
  names: readonly string[],
  values: Readonly<Record<string, unknown>>,
): FilledPath => {
  const encoded = new Map<string, string>();
  for (const name of names) {
    const text = encodeValue(values[name]);
    if (text === undefined) return { refused: `Missing argument "${name}": it is part of the path.` };
    if (text === unencodable)
      return { refused: `Argument "${name}" can't be part of a path: it must be text or a number.` };
    encoded.set(name, text);
  }
  let path = '';
  for (const [index, segment] of segments.entries()) {
    const text = fillOne(segment, encoded);
    if (segment.names.length > 0 && climbs(text))
      return {
        refused: `Argument "${segment.names.join('", "')}" can't be part of a path: "." and ".." are refused.`,
      };
    path += index === 0 ? text : `/${text}`;
  }
  return { path: path + fillOne(query, encoded) };
};

const fillOne = ({ parts }: Segment, encoded: ReadonlyMap<string, string>): string => {
  let text = '';
  for (const [index, part] of parts.entries()) text += index % 2 === 0 ? part : (encoded.get(part) ?? '');
  return text;
};

/** Never the outcome of an encoding: a space would have become `%20`. */
const unencodable = ' ';
const harmless = /^[\w~-]+$/;

const encodeValue = (value: unknown): string | undefined => {
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value === 'string') return harmless.test(value) ? value : encodeText(value);
  if (typeof value === 'number' || typeof value === 'boolean') return encodeText(String(value));
  if (!Array.isArray(value)) return typeof value === 'function' ? undefined : unencodable;
  // OpenAPI's style "simple": items joined by commas.
  const items = value.map((item: unknown) => (Array.isArray(item) ? unencodable : encodeValue(item)));
  if (items.length === 0 || items.includes(undefined)) return undefined;
  return items.includes(unencodable) ? unencodable : items.join(',');
};

const encodeText = (text: string): string => {
  if (text.includes('\0')) return unencodable;
  try {
    return encodeURIComponent(text);
  } catch {
    return unencodable; // half of a surrogate pair has no encoding
  }
};

const climbs = (segment: string): boolean => {
  if (harmless.test(segment)) return false;
  let text = unfolded(segment);
  for (;;) {
    // `..;x` is a dot step too where servers know path parameters.
    if (text.split(/[/\\]/).some((step) => /^\.{1,2}(;|$)/.test(step))) return true;
    const decoded = decodeLeniently(text);
    if (decoded === text) return false;
    text = decoded;
  }
};

/** Wide letters are dots and slashes to some. */
const unfolded = (segment: string): string => {
  try {
    return decodeURIComponent(segment).normalize('NFKC');
  } catch {
    return segment; // a lone `%` of the template
  }
};

/** Decodes what can be decoded, as lax servers do. Each round that changes something shortens the text, so the loop ends. */
const decodeLeniently = (text: string): string =>
  text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
