/**
 * What is asked, as bytes: one builder of requests per kind of client. Every request carries an id and a text of its own, so that an
 * answer which was mixed up, cached or made up is noticed.
 *
 * A kind has `open`, which gives what a connection has to remember, `request`, which gives the bytes of one, `check`; and where the answer
 * does not come on the connection of its request `send`; and where something is left to be ended `close`.
 */
import { headerOf, messageOf, openConnection } from './connection.mjs';
import { openEventStream } from './eventStream.mjs';

const modern = '2026-07-28';
const legacy = '2025-11-25';

/** The bytes of a POST, to the MCP endpoint by default; `headers` are complete lines. */
export const post = (port, headers, body, path = '/mcp') =>
  `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-type: application/json\r\n` +
  `accept: application/json, text/event-stream\r\n${headers}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

const checkText = (message, id, text) => {
  if (message.id !== id) throw new Error(`answer ${message.id} to request ${id}`);
  const got = message.result?.content?.[0]?.text;
  if (got !== text)
    throw new Error(`wrong answer to request ${id}: ${JSON.stringify(message).slice(0, 300)}`);
};

const checkStatus = (answer, status) => {
  if (answer.status !== status)
    throw new Error(`status ${answer.status}: ${answer.body.toString().slice(0, 300)}`);
};

const checkCall = (answer, id, text) => {
  checkStatus(answer, 200);
  checkText(messageOf(answer), id, text);
};

/** Awaits one answer on a connection that is idle. */
const exchange = (connection, bytes) => new Promise((resolve) => connection.send(bytes, resolve));

/**
 * A request of 2026-07-28: what it needs in headers, and its body.
 *
 * @param {{ id: string | number, method: string, params: object }} message
 * @param {object} more goes into the `_meta` of its params
 */
export const modernRequest = ({ id, method, params }, more) => {
  const meta = {
    'io.modelcontextprotocol/protocolVersion': modern,
    'io.modelcontextprotocol/clientCapabilities': {},
    'io.modelcontextprotocol/clientInfo': { name: 'bench', version: '1.0.0' },
    ...more,
  };
  const name = params.name === undefined ? {} : { 'mcp-name': params.name };
  return {
    headers: { 'mcp-protocol-version': modern, 'mcp-method': method, ...name },
    body: JSON.stringify({ jsonrpc: '2.0', id, method, params: { ...params, _meta: meta } }),
  };
};

/** Its bytes; `lines` are complete lines of headers besides. */
export const modernPost = (port, { headers, body }, lines = '') => {
  const own = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return post(port, own.join('') + lines, body);
};

/** The bytes of a call of a tool; `more` goes into its `_meta`. */
export const modernCall = (port, id, tool, args, more, lines) =>
  modernPost(
    port,
    modernRequest({ id, method: 'tools/call', params: { name: tool, arguments: args } }, more),
    lines,
  );

/** 2026-07-28: no session; `headers` are complete lines that every request has besides; every request says who asks and what for. */
const modernClient = (port, tool, headers) => ({
  open: () => undefined,
  request: (id, text) => modernCall(port, id, tool, { text, count: id }, undefined, headers),
  check: checkCall,
});

const legacyCall = (id, tool, text) =>
  JSON.stringify({
    jsonrpc: '2.0',
    id,
    method: 'tools/call',
    params: { name: tool, arguments: { text, count: id } },
  });

/** 2025-11-25: each connection opens a session and makes its calls in it. @param opening the connection it is opened on */
const inSession = (port, tool, more = '', opening = (connection) => connection) => ({
  async open(own) {
    const connection = await opening(own);
    const params = {
      protocolVersion: legacy,
      capabilities: {},
      clientInfo: { name: 'bench', version: '1.0.0' },
    };
    const opened = await exchange(
      connection,
      post(port, more, JSON.stringify({ jsonrpc: '2.0', id: 0, method: 'initialize', params })),
    );
    checkStatus(opened, 200);
    const session = headerOf(opened, 'mcp-session-id');
    const headers = `${more}mcp-protocol-version: ${legacy}\r\nmcp-session-id: ${session}\r\n`;
    const initialized = { jsonrpc: '2.0', method: 'notifications/initialized' };
    checkStatus(await exchange(connection, post(port, headers, JSON.stringify(initialized))), 202);
    if (connection !== own) connection.close();
    return headers;
  },
  request: (id, text, headers) => post(port, headers, legacyCall(id, tool, text)),
  check: checkCall,
  /** Some keep a process for each session until it is ended. */
  close: (connection, headers) =>
    exchange(connection, `DELETE /mcp HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n${headers}\r\n`),
});

/**
 * The same, each session opened on a connection of its own and used on the one before it: of two workers, which get connections in turn,
 * one gets all calls and the other one is home to all sessions.
 */
const relayed = (port, tool, headers) =>
  inSession(port, tool, headers, () =>
    openConnection(port, (error) => {
      throw error;
    }),
  );

/** The REST resource itself, without any MCP: what `rest` has to be compared with. */
const plainRest = (port) => ({
  open: () => undefined,
  request: (_id, text) =>
    `GET /items/${encodeURIComponent(text)} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\naccept: application/json\r\n\r\n`,
  check(answer, id, text) {
    checkStatus(answer, 200);
    if (JSON.parse(answer.body.toString()).text !== text) throw new Error(`wrong answer to request ${id}`);
  },
});

/** A REST service behind a tool: the text comes back inside the JSON of the service. */
const viaTool = (port, tool, headers) => ({
  ...modernClient(port, tool, headers),
  check(answer, id, text) {
    checkStatus(answer, 200);
    const message = messageOf(answer);
    if (message.id !== id) throw new Error(`answer ${message.id} to request ${id}`);
    if (JSON.parse(message.result.content[0].text).text !== text)
      throw new Error(`wrong answer to request ${id}`);
  },
});

/** HTTP with SSE, the transport of 2024-11-05: what is asked is posted, and every answer comes on a stream of its own. */
const overSse = (port, tool) => ({
  async open(connection) {
    const answers = new Map();
    let path;
    let announced;
    const known = new Promise((resolve) => (announced = resolve));
    const stream = await openEventStream({ port }, ({ event, data }) => {
      if (event === 'endpoint') {
        path = data;
        return announced();
      }
      const message = JSON.parse(data);
      answers.get(message.id)?.({ status: 200, sse: false, body: Buffer.from(data) });
      answers.delete(message.id);
    });
    await known;
    const state = { path, answers, stream };
    const params = {
      protocolVersion: '2024-11-05',
      capabilities: {},
      clientInfo: { name: 'bench', version: '1' },
    };
    const first = JSON.stringify({ jsonrpc: '2.0', id: 0, method: 'initialize', params });
    await new Promise((resolve) => this.send(connection, post(port, '', first, path), state, 0, resolve));
    const then = JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' });
    checkStatus(await exchange(connection, post(port, '', then, path)), 202);
    return state;
  },
  request: (id, text, { path }) => post(port, '', legacyCall(id, tool, text), path),
  check: checkCall,
  send(connection, bytes, { answers }, id, onAnswer) {
    let answer;
    let accepted = false;
    const settle = () => answer !== undefined && accepted && onAnswer(answer);
    answers.set(id, (got) => {
      answer = got;
      settle();
    });
    connection.send(bytes, (head) => {
      if (head.status !== 202) return onAnswer(head);
      accepted = true;
      settle();
    });
  },
  close: (_connection, { stream }) => stream.close(),
});

export const workloads = {
  modern: modernClient,
  legacy: inSession,
  relayed,
  'plain-rest': plainRest,
  rest: viaTool,
  'http-sse': overSse,
};
