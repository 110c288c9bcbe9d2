/** A content type as far as an answer's handling depends on it. */
export interface MediaType {
  /** Lower case, without parameters; `''` if the answer names none. */
  readonly essence: string;
  readonly kind: 'json' | 'ndjson' | 'sse' | 'text' | 'image' | 'audio' | 'binary' | 'unknown';
  /** A name TextDecoder knows; `utf-8` by default. */
  readonly charset: string;
}

const textual = new Set([
  'application/xml',
  'application/yaml',
  'application/x-yaml',
  'application/javascript',
  'application/x-www-form-urlencoded',
  'application/graphql',
  'application/sql',
  'application/toml',
]);
const rows = new Set([
  'application/x-ndjson',
  'application/ndjson',
  'application/jsonl',
  'application/x-jsonlines',
  'application/jsonlines',
  'application/x-jsonl',
]);

/** Reads a `content-type` header. Never fails: what is unknown is `unknown` and read by looking at it. */
export const mediaType = (header: string | readonly string[] | undefined): MediaType => {
  const text = typeof header === 'string' ? header : header?.[0];
  if (text === undefined) return unknown;
  // What nearly every answer says, without taking it apart.
  if (text === 'application/json' || text === 'application/json; charset=utf-8') return json;
  const end = text.indexOf(';');
  const essence = (end === -1 ? text : text.slice(0, end)).trim().toLowerCase();
  const charset = end === -1 ? undefined : /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(text)?.[1];
  return { essence, kind: kindOf(essence), charset: charset === undefined ? 'utf-8' : knownCharset(charset) };
};

const kindOf = (essence: string): MediaType['kind'] => {
  if (essence === '') return 'unknown';
  if (essence === 'application/json' || essence.endsWith('+json')) return 'json';
  if (rows.has(essence)) return 'ndjson';
  if (essence === 'text/event-stream') return 'sse';
  if (essence.startsWith('image/')) return 'image';
  if (essence.startsWith('audio/')) return 'audio';
  const text = essence.startsWith('text/') || essence.endsWith('+xml') || textual.has(essence);
  return text ? 'text' : 'binary';
};

const knownCharset = (label: string): string => {
  try {
    return new TextDecoder(label).encoding;
  } catch {
    return 'utf-8'; // a label nobody knows: the web's default
  }
};

const json: MediaType = { essence: 'application/json', kind: 'json', charset: 'utf-8' };
const unknown: MediaType = { essence: '', kind: 'unknown', charset: 'utf-8' };
