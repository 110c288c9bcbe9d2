import { ask } from './ask.js';
import { responseOf, type SeenMessage } from './messagesOf.js';
import type { RequestParts } from './requestBytes.js';

/** The revision without sessions. */
export const modernVersion = '2026-07-28';

interface ModernOptions {
  readonly id?: string | number;
  /** Added to the three keys of `_meta`; `undefined` leaves one out. */
  readonly meta?: Readonly<Record<string, unknown>>;
  /** Added to the headers; `undefined` leaves one out. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

/** A request whose body is a JSON-RPC request. */
export interface ModernRequest extends RequestParts {
  readonly body: { readonly id: string | number; readonly [key: string]: unknown };
}

let lastId = 0;

/** A complete and correct 2026-07-28 request, with whatever `options` spoil. */
export const modernRequest = (
  method: string,
  params: Readonly<Record<string, unknown>> = {},
  options: ModernOptions = {},
): ModernRequest => {
  const name = params['name'] ?? params['uri'] ?? params['taskId'];
  return {
    headers: {
      'mcp-protocol-version': modernVersion,
      'mcp-method': method,
      ...(typeof name === 'string' ? { 'mcp-name': name } : {}),
      ...options.headers,
    },
    body: {
      jsonrpc: '2.0',
      id: options.id ?? `m${++lastId}`,
      method,
      params: {
        ...params,
        _meta: {
          'io.modelcontextprotocol/protocolVersion': modernVersion,
          'io.modelcontextprotocol/clientCapabilities': {},
          'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
          ...options.meta,
        },
      },
    },
  };
};

/** Calls a tool as a well-behaved client of 2026-07-28 and gives the response. */
export const modernCall = async (
  port: number,
  name: string,
  args: Readonly<Record<string, unknown>> = {},
  ms = 5000,
): Promise<SeenMessage> =>
  responseOf(await ask(port, modernRequest('tools/call', { name, arguments: args }), ms));
