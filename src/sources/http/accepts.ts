/** What a client takes as an answer. */
export interface Accepts {
  readonly json: boolean;
  readonly sse: boolean;
  /** Whether it likes SSE better: by its quality value, or by naming it first where that is the same. */
  readonly prefersSse: boolean;
}

const both: Accepts = { json: true, sse: true, prefersSse: false };

/** Reads an `Accept` header, as far as the two media types of MCP go. A missing one accepts everything (RFC 9110, 12.5.1). */
export const accepts = (header: string | undefined): Accepts => {
  // What the official clients send.
  if (header === undefined || header === 'application/json, text/event-stream') return both;
  let json = 0;
  let sse = 0;
  let named: 'json' | 'sse' | undefined;
  for (const range of header.toLowerCase().split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim());
    const quality = qualityIn(parameters);
    if (quality === 0) continue;
    if (type === '*/*' || type === 'application/*' || type === 'application/json')
      json = Math.max(json, quality);
    if (type === '*/*' || type === 'text/*' || type === 'text/event-stream') sse = Math.max(sse, quality);
    if (type === 'text/event-stream') named ??= 'sse';
    if (type === 'application/json') named ??= 'json';
  }
  return { json: json > 0, sse: sse > 0, prefersSse: sse > json || (sse === json && named === 'sse') };
};

/** The `q` of a media range; 1 where there is none that can be read. */
const qualityIn = (parameters: readonly string[]): number => {
  for (const parameter of parameters) {
    const [, value] = /^q=(\d(?:\.\d{0,3})?)$/.exec(parameter) ?? [];
    if (value !== undefined) return Math.min(Number(value), 1);
  }
  return 1;
};
