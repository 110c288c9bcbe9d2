import { modernRequest, type ModernRequest } from '../support/modern.js';
import { encodeHeaderValue } from '../../src/protocol/headers.js';
import { requestBytes, type RequestParts } from '../support/requestBytes.js';

/** A correct call of `back_echo`, for attempts to spoil. */
export const echoCall = (
  args: Readonly<Record<string, unknown>> = {},
  headers: Readonly<Record<string, string | undefined>> = {},
): ModernRequest => modernRequest('tools/call', { name: 'back_echo', arguments: args }, { headers });

/** The same with a piece of its JSON text replaced. */
export const echoText = (from: string | RegExp, to: string): RequestParts => {
  const { body, ...rest } = echoCall({ text: 'HERE' });
  return { ...rest, body: JSON.stringify(body).replace(from, to) };
};

/** The bytes of a request with lines put after its headers, as they are. */
export const withLines = (port: number, request: RequestParts, ...lines: readonly string[]): Buffer => {
  const text = requestBytes(port, request).toString('latin1');
  const end = text.indexOf('\r\n\r\n') + 2;
  return Buffer.from(
    text.slice(0, end) + lines.map((line) => `${line}\r\n`).join('') + text.slice(end),
    'latin1',
  );
};

/** A correct call of a tool of any name: what no header can hold stands there encoded. */
export const callOf = (name: string, args: Readonly<Record<string, unknown>> = {}): ModernRequest =>
  modernRequest(
    'tools/call',
    { name, arguments: args },
    { headers: { 'mcp-name': encodeHeaderValue(name) } },
  );

/** The same for reading a resource. */
export const readOf = (uri: string): ModernRequest =>
  modernRequest('resources/read', { uri }, { headers: { 'mcp-name': encodeHeaderValue(uri) } });
