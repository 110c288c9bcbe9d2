import { requestBytes } from '../support/requestBytes.js';
import { modernRequest } from '../support/modern.js';
import { openLegacySession } from '../support/openLegacySession.js';
import { echoCall, echoText, readOf } from './attempts.js';
import { refuses, type Attempt } from './refuses.js';
import { setStage, type Stage } from './stage.js';

const mebibyte = 1024 * 1024;
const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);
const wordy = (name: string, header: string, value: string): Attempt => ({
  name,
  send: echoCall({}, { [header]: value }),
  gets: 431,
});

describe('security: too much of everything', () => {
  let stage: Stage;
  before(
    async () =>
      (stage = await setStage({
        overrides: { http: { maxBodyBytes: mebibyte }, sessions: { ttlMs: 60_000 } },
      })),
  );
  after(() => stage.close());

  const tooLarge: Attempt['gets'] = [413, -32000, `The body is larger than ${mebibyte} bytes`];
  const tooDeep: Attempt['gets'] = [400, -32700, 'Parse error: the message is nested deeper than 64 levels'];
  const initialize = (name: string, params: object, says: string): Attempt => ({
    name,
    send: {
      body: {
        jsonrpc: '2.0',
        id: 1,
        method: 'initialize',
        params: {
          protocolVersion: '2025-11-25',
          capabilities: {},
          clientInfo: { name: 'a', version: '1' },
          ...params,
        },
      },
    },
    gets: [200, -32602, says],
  });

  refuses(
    () => stage,
    [
      { name: 'a body of one byte too many', send: echoCall({ text: 'x'.repeat(mebibyte) }), gets: tooLarge },
      {
        name: 'a body that announces 5 GiB',
        send: ({ port }) =>
          requestBytes(port, {
            headers: { 'content-type': 'application/json', 'content-length': String(5 * 1024 * mebibyte) },
          }),
        gets: tooLarge,
      },
      {
        name: 'a body in chunks without end',
        send: ({ port }) => {
          const { headers } = echoCall();
          const head = requestBytes(port, {
            headers: { ...headers, 'content-type': 'application/json', 'transfer-encoding': 'chunked' },
          });
          const chunk = Buffer.from(`10000\r\n${'x'.repeat(0x10000)}\r\n`);
          return Buffer.concat([head, ...Array.from({ length: 17 }, () => chunk)]);
        },
        gets: tooLarge,
      },
      { name: 'arguments of 100,000 levels', send: echoText('"HERE"', nested(100_000)), gets: tooDeep },
      { name: 'arguments of one level too many', send: echoText('"HERE"', nested(62)), gets: tooDeep },
      {
        name: '100,000 levels of objects in _meta',
        send: echoText('"_meta":{', `"_meta":{"a":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)},`),
        gets: tooDeep,
      },
      { name: 'a batch of 100,000 levels', send: { body: nested(100_000) }, gets: tooDeep },
      wordy('a header of 64 KiB', 'x-large', 'h'.repeat(64 * 1024)),
      wordy('cookies of 64 KiB', 'cookie', 'a=b; '.repeat(13_000)),
      wordy('a token of 64 KiB', 'authorization', `Bearer ${'h'.repeat(64 * 1024)}`),
      wordy('a session id of 64 KiB', 'mcp-session-id', 'h'.repeat(64 * 1024)),
      {
        name: '10,000 headers',
        send: echoCall({}, Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`x-${n}`, 'v']))),
        gets: 431,
      },
      { name: 'a URL of 64 KiB', send: { ...echoCall(), path: `/mcp?${'x'.repeat(64 * 1024)}` }, gets: 431 },
      {
        name: 'a namespace of 20 KiB',
        send: { ...echoCall(), path: `/mcp/${'x'.repeat(20_000)}` },
        gets: [404, -32000, 'There is no such namespace; the endpoint of all servers is /mcp'],
      },
      {
        name: 'a method of 20 KiB, which is cut where it is told',
        send: modernRequest('x'.repeat(20_000)),
        gets: [404, -32601, `Method not found: ${'x'.repeat(100)}`],
      },
      {
        name: 'a session id of 20 KiB',
        send: {
          headers: { 'mcp-session-id': 'x'.repeat(20_000) },
          body: { jsonrpc: '2.0', id: 1, method: 'ping' },
        },
        gets: [404, -32001, 'Session not found: it has ended or never was; initialize again'],
      },
      {
        name: 'a cursor of 900 KB',
        send: modernRequest('tools/list', { cursor: 'x'.repeat(900_000) }),
        gets: [200, -32602, 'Invalid cursor: start again without one'],
      },
      {
        name: 'a requestState of 900 KB',
        send: modernRequest('tools/call', {
          name: 'back_echo',
          arguments: {},
          requestState: 'x'.repeat(900_000),
        }),
        gets: [
          200,
          -32602,
          'requestState is invalid or has expired: send the request again without it',
          { reason: 'invalid_request_state' },
        ],
      },
      {
        name: 'a URI of 20 KiB that nobody lists',
        send: readOf(`file:///open/${'x'.repeat(20_000)}`),
        gets: [200, -32602, 'Resource not found', { uri: `file:///open/${'x'.repeat(243)}` }],
      },
      {
        name: 'a URI of 900 KB to be watched',
        send: async ({ port }) => {
          const session = await openLegacySession(port);
          return session.request('resources/subscribe', { uri: `file:///${'x'.repeat(900_000)}` });
        },
        gets: [200, -32002, 'Resource not found', { uri: `file:///${'x'.repeat(248)}` }],
      },
      initialize(
        'capabilities of 900 KB, which a session would keep',
        { capabilities: { experimental: { x: { y: 'x'.repeat(900_000) } } } },
        'Invalid initialize: capabilities are larger than 16384 characters',
      ),
      {
        name: 'a stream for 1,001 resources',
        send: modernRequest('subscriptions/listen', {
          notifications: {
            resourceSubscriptions: Array.from({ length: 1001 }, (_, n) => `file:///open/${n}`),
          },
        }),
        gets: [
          200,
          -32603,
          'Too much for one stream: listen to less (streams.resources: 1000)',
          { limit: 'streams.resources', max: 1000 },
        ],
      },
    ],
  );
});
