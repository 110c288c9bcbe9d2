import type { IncomingMessage, ServerResponse } from 'node:http';

const allowedHeaders = [
  'Authorization',
  'Content-Type',
  'Accept',
  'MCP-Protocol-Version',
  'Mcp-Method',
  'Mcp-Name',
  'Mcp-Session-Id',
  'Last-Event-ID',
].join(', ');

const exposedHeaders = [
  'Mcp-Session-Id',
  'WWW-Authenticate',
  'Retry-After',
  'RateLimit',
  'RateLimit-Policy',
].join(', ');

const parameterHeader = /^mcp-param-[!#$%&'*+.^_`|~0-9a-z-]+$/i;

/** Lets the page that called read the answer. Call it only after the origin has been found allowed. */
export const allowOrigin = ({ headers }: IncomingMessage, response: ServerResponse): void => {
  if (headers.origin === undefined) return;
  response.setHeader('access-control-allow-origin', headers.origin);
  response.setHeader('access-control-expose-headers', exposedHeaders);
  response.setHeader('vary', 'Origin');
};

/** Answers a preflight request (Fetch standard, CORS): the headers MCP needs, and the `Mcp-Param-*` ones asked for. */
export const preflight = (request: IncomingMessage, response: ServerResponse): void => {
  const asked = (request.headers['access-control-request-headers'] ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => parameterHeader.test(name));
  response
    .writeHead(204, {
      'access-control-allow-methods': 'POST, GET, DELETE',
      'access-control-allow-headers': [allowedHeaders, ...asked].join(', '),
      'access-control-max-age': '600',
    })
    .end();
};
