/** What a client takes as an answer. */
export interface Accepts {
  readonly json: boolean;
  readonly sse: boolean;
}

const both: Accepts = { json: true, sse: true };

/** Reads an `Accept` header, as far as the two media types of MCP go. A missing one accepts everything (RFC 9110, 12.5.1). */
export const accepts = (header: string | undefined): Accepts => {
  // What every MCP client sends, in either order.
  if (header === undefined || header === 'application/json, text/event-stream') return both;
  let json = false;
  let sse = false;
  for (const range of header.toLowerCase().split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim());
    if (parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter))) continue;
    if (type === '*/*' || type === 'application/*' || type === 'application/json') json = true;
    if (type === '*/*' || type === 'text/*' || type === 'text/event-stream') sse = true;
  }
  return { json, sse };
};
