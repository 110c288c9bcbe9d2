/** A request as it will stand on the wire. */
export interface RequestParts {
  /** GET, POST, … ; POST when not given. */
  readonly method?: string;
  /** `/mcp` when not given. */
  readonly path?: string;
  /** Added to host, content-type, accept and content-length; `undefined` leaves one of these out. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  /** A string or bytes as they are; anything else as JSON. None when not given. */
  readonly body?: unknown;
}

/** The bytes of an HTTP/1.1 request to the MCP endpoint, with the headers a well-behaved client sends unless told otherwise. */
export const requestBytes = (
  port: number,
  { method = 'POST', path = '/mcp', headers, body }: RequestParts,
): Buffer => {
  const content = body === undefined ? undefined : asBuffer(body);
  const all: Record<string, string | undefined> = {
    host: `127.0.0.1:${port}`,
    accept: 'application/json, text/event-stream',
    ...(content === undefined
      ? {}
      : { 'content-type': 'application/json', 'content-length': String(content.length) }),
    ...headers,
  };
  const lines = Object.entries(all)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('');
  return Buffer.concat([
    Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines}\r\n`),
    content ?? Buffer.alloc(0),
  ]);
};

const asBuffer = (body: unknown): Buffer =>
  Buffer.isBuffer(body) ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
