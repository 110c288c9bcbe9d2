import { modernRequest } from '../support/modern.js';
import { openLegacySession } from '../support/openLegacySession.js';
import { requestBytes } from '../support/requestBytes.js';
import { echoCall, withLines } from './attempts.js';
import { askBytes, isRefusal, refuses, type Attempt, type Refusal } from './refuses.js';
import { setStage, type Stage } from './stage.js';

const repeated = (name: string): Refusal => [
  400,
  -32600,
  `Invalid request: the header ${name} is there twice`,
];

/** An honest request with another one, for another tool or path, hidden in what follows its headers. */
const smuggled = 'POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n';

const spoiled = (
  name: string,
  lines: readonly string[],
  after = '',
  gets: Attempt['gets'] = 400,
): Attempt => ({
  name,
  send: ({ port }) =>
    Buffer.concat([
      withLines(port, { headers: { ...echoCall().headers, 'content-type': 'application/json' } }, ...lines),
      Buffer.from(after),
    ]),
  gets,
});

const listTools = { jsonrpc: '2.0', id: 1, method: 'tools/list' };

const twice = (header: string, ...values: readonly string[]): Attempt => ({
  name: `${header}: ${values.join(' and ')}`,
  send: ({ port }) => withLines(port, echoCall(), ...values.map((value) => `${header}: ${value}`)),
  gets: repeated(header.toLowerCase()),
});

describe('security: header smuggling', () => {
  let stage: Stage;
  before(async () => (stage = await setStage()));
  after(() => stage.close());

  refuses(
    () => stage,
    [
      spoiled(
        'a length and chunks (CL.TE)',
        ['Content-Length: 4', 'Transfer-Encoding: chunked'],
        `0\r\n\r\n${smuggled}`,
      ),
      spoiled(
        'chunks and a length (TE.CL)',
        ['Transfer-Encoding: chunked', 'Content-Length: 4'],
        `0\r\n\r\n${smuggled}`,
      ),
      spoiled('two lengths that differ', ['Content-Length: 0', 'Content-Length: 60'], smuggled),
      spoiled('two lengths that are the same', ['Content-Length: 2', 'Content-Length: 2'], '{}'),
      spoiled('a list of lengths', ['Content-Length: 2, 2'], '{}'),
      spoiled('a length with a sign', ['Content-Length: +2'], '{}'),
      spoiled('a length in hexadecimal', ['Content-Length: 0x2'], '{}'),
      spoiled('a length beyond 64 bits', ['Content-Length: 18446744073709551618'], '{}'),
      spoiled('a coding that is not chunked', ['Transfer-Encoding: identity'], '{}'),
      spoiled('chunked, but not as the last coding', ['Transfer-Encoding: chunked, gzip'], smuggled),
      spoiled('a coding that only looks chunked', ['Transfer-Encoding: xchunked'], smuggled),
      spoiled(
        'two codings, in two headers',
        ['Transfer-Encoding: chunked', 'Transfer-Encoding: identity'],
        smuggled,
      ),
      spoiled('white space before the colon', ['Transfer-Encoding : chunked', 'Content-Length: 2'], '{}'),
      spoiled('white space before the name', [' Transfer-Encoding: chunked', 'Content-Length: 2'], '{}'),
      spoiled('a vertical tab before the value', ['Transfer-Encoding:\x0bchunked'], smuggled),
      spoiled('a header without a colon', ['Transfer-Encoding chunked'], smuggled),
      spoiled('a header without a name', [': chunked'], smuggled),
      spoiled('a bare line feed in a header', ['X-A: b\nTransfer-Encoding: chunked'], smuggled),
      spoiled('a bare carriage return in a header', ['X-A: b\rTransfer-Encoding: chunked'], smuggled),
      spoiled('a zero byte in a header', ['X-A: b\0c'], smuggled),
      spoiled('a chunk size with a sign', ['Transfer-Encoding: chunked'], '-2\r\n{}\r\n0\r\n\r\n'),
      spoiled(
        'a chunk size beyond 64 bits',
        ['Transfer-Encoding: chunked'],
        '10000000000000002\r\n{}\r\n0\r\n\r\n',
      ),
      spoiled('a chunk that ends in a line feed alone', ['Transfer-Encoding: chunked'], '2\r\n{}\n0\r\n\r\n'),
      {
        name: 'a header on two lines (obs-fold)',
        send: ({ port }) => withLines(port, echoCall(), 'Mcp-Session-Id: a', ' b'),
        gets: 400,
      },
      {
        name: 'a version of HTTP that is none',
        send: ({ port }) =>
          Buffer.from(requestBytes(port, echoCall()).toString().replace('HTTP/1.1', 'HTTP/1.9')),
        gets: 400,
      },
      {
        name: 'a line feed in the target',
        send: ({ port }) =>
          Buffer.from(requestBytes(port, echoCall()).toString().replace(' /mcp ', ' /mcp\n/x ')),
        gets: 400,
      },
    ],
  );
});

describe('security: repeated headers', () => {
  let stage: Stage;
  before(async () => (stage = await setStage()));
  after(() => stage.close());

  refuses(
    () => stage,
    [
      {
        name: 'Host: ours and another',
        send: ({ port }) => withLines(port, echoCall(), 'Host: evil.example'),
        gets: repeated('host'),
      },
      {
        name: 'Host: ours, twice',
        send: ({ port }) => withLines(port, echoCall(), `Host: 127.0.0.1:${port}`),
        gets: repeated('host'),
      },
      twice('Authorization', 'Bearer a', 'Bearer b'),
      twice('Authorization', 'Bearer a', 'Bearer a'),
      {
        name: 'Content-Type: JSON and text',
        send: ({ port }) => withLines(port, echoCall(), 'Content-Type: text/plain'),
        gets: repeated('content-type'),
      },
      {
        name: 'Origin: ours and another',
        send: ({ port }) =>
          withLines(port, echoCall(), 'Origin: http://localhost', 'Origin: http://evil.example'),
        gets: [403, -32000, 'This Origin is not allowed; see http.allowed_origins'],
      },
      {
        name: 'Mcp-Session-Id: two',
        send: async ({ port }) => {
          const { id, headers } = await openLegacySession(port);
          return withLines(port, { headers, body: listTools }, `Mcp-Session-Id: ${id}`);
        },
        gets: [404, -32001, 'Session not found: it has ended or never was; initialize again'],
      },
      ...[
        [
          'MCP-Protocol-Version',
          '2025-11-25',
          'MCP-Protocol-Version differs from io.modelcontextprotocol/protocolVersion',
        ],
        ['Mcp-Method', 'tools/list', 'Mcp-Method differs from the method of the body'],
        ['Mcp-Name', 'rest_find', 'Mcp-Name differs from params.name'],
      ].map(([header, value, says]): Attempt => ({
        name: `${header}: two`,
        send: ({ port }) => withLines(port, echoCall(), `${header}: ${value}`),
        gets: [400, -32020, `Header mismatch: ${says}`],
      })),
      {
        name: 'Mcp-Param-Region: two',
        send: ({ port }) =>
          withLines(
            port,
            modernRequest('tools/call', { name: 'rest_regional', arguments: { region: 'eu' } }),
            'Mcp-Param-Region: eu',
            'Mcp-Param-Region: us',
          ),
        gets: [400, -32020, 'Header mismatch: Mcp-Param-Region differs from its argument'],
      },
      {
        name: 'Content-Encoding: identity and gzip',
        send: ({ port }) =>
          withLines(port, echoCall(), 'Content-Encoding: identity', 'Content-Encoding: gzip'),
        gets: [415, -32000, 'Content-Encoding is not supported: send the body as it is'],
      },
    ],
  );

  it('Authorization: two, at a WebSocket', async () => {
    const bytes = Buffer.from(
      `GET /mcp HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n` +
        `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nAuthorization: Bearer a\r\nAuthorization: Bearer b\r\n\r\n`,
    );
    isRefusal(await stage.unseen(() => askBytes(stage.port, bytes)), repeated('authorization'));
  });
});
