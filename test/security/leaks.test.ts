/**
 * A gateway in a process of its own, with a canary wherever a secret can be: in what clients show, in what the gateway shows to others,
 * in files, in arguments. Then nobody sings where it should not; and each was heard where it should, so that the search is known to find.
 */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { SignJWT } from 'jose';
import { WebSocket } from 'ws';
import { newApiKey } from '../../src/protocol/identity/apiKey.js';
import { recordingFiles } from '../../src/replay/recordingFiles.js';
import { unpacked } from '../../src/replay/unpacked.js';
import { ask } from '../support/ask.js';
import { eventually } from '../support/eventually.js';
import { responseOf } from '../support/messagesOf.js';
import { modernRequest } from '../support/modern.js';
import { openRaw } from '../support/openRaw.js';
import { PageBrowser } from '../support/pageBrowser.js';
import type { RawAnswer } from '../support/parseAnswer.js';
import { requestBytes, type RequestParts } from '../support/requestBytes.js';
import { startAuthorizationServer, type AuthorizationServer } from '../support/startAuthorizationServer.js';
import { startGuard, type Guard } from '../support/startGuard.js';
import { startMcpBackend, type McpBackend } from '../support/startMcpBackend.js';
import { startWitness, type Witness } from './witness.js';

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const stdioServer = fileURLToPath(new URL('../support/stdioServer.mjs', import.meta.url));

/** 32 random bytes in letters that no encoding of a URL or of JSON changes. */
const canary = (): string => randomBytes(32).toString('hex');

/** Every secret, by the place it is in. */
const secrets = {
  jwtSecret: canary(),
  introspectionSecret: canary(),
  stateKey: randomBytes(32).toString('base64url'),
  auditKey: randomBytes(32).toString('base64url'),
  restHeader: canary(),
  restBasic: canary(),
  mcpHeader: canary(),
  childEnvironment: canary(),
  oauthClient: canary(),
  signInClient: canary(),
  personsClient: canary(),
  consulToken: canary(),
  apiKey: '',
  wrongKey: '',
  bearer: '',
  wrongBearer: '',
  proof: canary(),
  opaque: canary(),
  cookie: canary(),
  basic: canary(),
  forwarded: canary(),
  inQuery: canary(),
  argument: canary(),
};
type Place = keyof typeof secrets;

/** A secret in the forms it could slip out in. Of tokens and keys the part that only their holder has. */
const formsOf = (secret: string): readonly string[] => {
  const core = secret.startsWith('slk_') ? secret.slice(17) : (secret.split('.').at(-1) ?? secret);
  // Base64 has three spellings of a text, by what stands before it.
  const encoded = ['', 'x', 'xx'].map((before) =>
    Buffer.from(before + core)
      .toString('base64')
      .slice(4, 40),
  );
  return [core, Buffer.from(core).toString('hex'), ...encoded];
};

describe('security: nothing leaks', function () {
  this.timeout(90_000);
  let folder: string;
  let witness: Witness;
  let consul: Witness;
  let protectedServer: McpBackend;
  let issuer: AuthorizationServer;
  let consents: AuthorizationServer;
  let guard: Guard;
  let child: ChildProcess | undefined;
  const sessions: string[] = [];
  /** To pages that are for one person. */
  const links: string[] = [];
  /** What came out, by where. */
  const heard = new Map<string, string>();
  const hear = (where: string, what: string): void => void heard.set(where, (heard.get(where) ?? '') + what);

  const run = (command: string) => {
    const started = spawn(
      process.execPath,
      ['--import', 'tsx', main, command, '-c', join(folder, 'gateway.yaml')],
      { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, LEAK_CHILD: secrets.childEnvironment } },
    );
    child = started;
    return started;
  };

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'leaks-'));
    const [mine, wrong] = [newApiKey(), newApiKey()];
    secrets.apiKey = mine.key;
    secrets.wrongKey = mine.key.slice(0, 17) + wrong.key.slice(17);
    secrets.bearer = await token(secrets.jwtSecret, 300);
    secrets.wrongBearer = await token(secrets.jwtSecret, -300);
    issuer = await startAuthorizationServer({ clients: { sluice: secrets.oauthClient } });
    consents = await startAuthorizationServer({ clients: { persons: secrets.personsClient } });
    protectedServer = await startMcpBackend();
    guard = await startGuard({
      port: protectedServer.port,
      issuers: () => [issuer.issuer],
      lookUp: (shown) => issuer.lookUp(shown),
    });
    // It is here for what it is sent; what it says makes the gateway complain.
    consul = await startWitness({
      answer: (_call, response) => {
        response.writeHead(403).end('Permission denied');
        return true;
      },
    });
    witness = await startWitness({
      answer: ({ witnessed }, response) => {
        // A service that shows in its errors what it was sent.
        if (!witnessed.url.startsWith('/shows')) return false;
        const shown = { message: `denied: ${witnessed.rawHeaders.join(' ')}`, detail: witnessed.url };
        response.writeHead(500, { 'content-type': 'application/json' }).end(JSON.stringify(shown));
        return true;
      },
    });
    await writeFile(join(folder, 'secret'), `${secrets.restHeader}\n`);
    await writeFile(join(folder, 'jwt'), `${secrets.jwtSecret}\n`);
    await writeFile(
      join(folder, 'keys.yaml'),
      JSON.stringify({ keys: [{ ...mine.hashed, user: 'ann', client: 'desk' }] }),
    );
    const quiet = 'health_check: { enabled: false }';
    await writeFile(
      join(folder, 'gateway.yaml'),
      `listen: { port: 0 }
admin: { port: 0 }
log: { level: trace, format: json }
audit: { file: ${join(folder, 'audit.ndjson')}, key: ${secrets.auditKey} }
record: { to: ${join(folder, 'recording')} }
state: { keys: [${secrets.stateKey}] }
transports: { websocket: { enabled: true } }
auth:
  jwt:
    issuers:
      - issuer: https://issuer.example
        audience: gateway
        secret_file: ${join(folder, 'jwt')}
        sign_in: { client_id: pages, client_secret: ${secrets.signInClient} }
        introspection: { client_id: gateway, client_secret: ${secrets.introspectionSecret}, url: "${issuer.issuer}/introspect" }
  api_keys: { file: ${join(folder, 'keys.yaml')}, sign_in: true }
oauth: { state: ${join(folder, 'oauth.json')} }
redact: { rules: [{ name: canaries, patterns: ['${secrets.argument.slice(0, 8)}[0-9a-f]+'] }] }
consul: { url: "${consul.url}", token: ${secrets.consulToken} }
servers:
  rest:
    type: rest
    url: ${witness.url}/api
    headers: { authorization: "Bearer ${secrets.restHeader}" }
    ${quiet}
    tools: { find: { method: GET, path: /find }, put: { method: POST, path: /put } }
  shows:
    type: rest
    url: ${witness.url}/shows
    headers: { authorization: "Basic ${Buffer.from(`gateway:${secrets.restBasic}`).toString('base64')}" }
    ${quiet}
    tools: { find: { method: GET, path: /find } }
  gone: { type: rest, url: "http://127.0.0.1:1", headers: { x-token: ${secrets.restHeader} }, ${quiet}, tools: { find: { path: / } } }
  mine:
    type: rest
    url: ${witness.url}/api
    ${quiet}
    tools: { find: { path: /find } }
    oauth: { grant: per_user, issuer: "${consents.issuer}", client_id: persons, client_secret: ${secrets.personsClient} }
  mcp: { url: "${witness.url}/mcp", headers: { x-api-key: ${secrets.mcpHeader} }, ${quiet} }
  child: { type: stdio, command: ${process.execPath}, args: ["${stdioServer}"], env: { SECRET: "\${LEAK_CHILD}" } }
  crm:
    url: ${guard.url}
    oauth: { grant: client_credentials, client_id: sluice, client_secret: ${secrets.oauthClient}, issuer: "${issuer.issuer}" }
`,
    );
  });
  after(async () => {
    child?.kill('SIGKILL');
    await Promise.all(
      [witness, consul, protectedServer, issuer, consents, guard].map((each) => each.close()),
    );
    await rm(folder, { recursive: true, force: true });
  });

  it('while it is checked, runs, serves, fails, refuses and stops', async () => {
    const check = run('check');
    const [checkOut, checkErr] = await Promise.all([
      text(check.stdout),
      text(check.stderr),
      once(check, 'exit'),
    ]);
    hear('check', checkOut + checkErr);
    assert.equal(check.exitCode, 0, checkErr);

    const gateway = run('start');
    const exited = once(gateway, 'exit');
    let printed = '';
    gateway.stdout.on('data', (piece: Buffer) => (printed += piece.toString()));
    gateway.stderr.on('data', (piece: Buffer) => (printed += piece.toString()));
    const banner = /MCP endpoint\s+(\S+)\s+Health\s+(\S+)/;
    await eventually(
      40_000,
      'the start of the gateway',
      () => banner.test(printed) || gateway.exitCode !== null,
    );
    const [, url = '', health = ''] = banner.exec(printed) ?? [];
    assert.notEqual(url, '', printed);
    const [port, admin] = [Number(new URL(url).port), Number(new URL(health).port)];
    await eventually(20_000, 'all tools', async () => {
      const list = modernRequest('tools/list', {}, { headers: { 'x-api-key': secrets.apiKey } });
      const { body } = await ask(port, list);
      return body.includes('"child_echo"') && body.includes('"crm_echo"') && consul.seen.length > 0;
    });

    await callEverything(port);
    await connectPerson(port);
    await beRefused(port);
    for (const path of ['/healthz', '/readyz', '/metrics', '/'])
      hear('admin', JSON.stringify(await ask(admin, { method: 'GET', path })));
    gateway.kill('SIGTERM');
    await exited;
    hear('output', printed);
    hear('audit', await readFile(join(folder, 'audit.ndjson'), 'utf8'));
    for (const { path } of await recordingFiles([join(folder, 'recording')]))
      for await (const bytes of await unpacked(path, () => undefined))
        hear('recording', Buffer.from(bytes).toString());
    hear('backends', JSON.stringify(witness.seen));
    hear('consul', JSON.stringify(consul.seen));
    hear('token endpoint', issuer.tokenRequests.map(String).join('\n'));
  });

  /** Honest calls of every kind of server, in both eras and over every transport. */
  const callEverything = async (port: number): Promise<void> => {
    const known: Readonly<Record<string, string>>[] = [
      { 'x-api-key': secrets.apiKey },
      { authorization: `Bearer ${secrets.bearer}` },
    ];
    const tell = (answer: RawAnswer): RawAnswer => {
      hear('answers', JSON.stringify(answer));
      return answer;
    };
    const others = {
      cookie: `session=${secrets.cookie}`,
      'x-forwarded-client-cert': `URI=spiffe://${secrets.forwarded}`,
    };
    const args = { text: `keep ${secrets.argument} to yourself` };
    for (const who of known)
      for (const name of [
        'rest_find',
        'rest_put',
        'shows_find',
        'gone_find',
        'mcp_echo',
        'child_echo',
        'crm_echo',
      ]) {
        const request = modernRequest(
          'tools/call',
          { name, arguments: args },
          { headers: { ...who, ...others } },
        );
        const { result, error } = responseOf(tell(await ask(port, request)));
        const failed = error !== undefined || result?.isError === true;
        assert.equal(
          failed,
          name === 'shows_find' || name === 'gone_find',
          `${name}: ${JSON.stringify(error ?? result)}`,
        );
      }
    for (const who of known) {
      const opened = await ask(port, { headers: who, body: initialize });
      const id = opened.headers['mcp-session-id'] ?? '';
      assert.notEqual(id, '');
      sessions.push(id);
      hear('answers', opened.body);
      const headers = { ...who, ...others, 'mcp-session-id': id, 'mcp-protocol-version': '2025-11-25' };
      for (const body of [
        { jsonrpc: '2.0', method: 'notifications/initialized' },
        { jsonrpc: '2.0', id: 1, method: 'tools/list' },
        { jsonrpc: '2.0', id: 2, method: 'tools/call', params: { name: 'mcp_echo', arguments: args } },
        { jsonrpc: '2.0', id: 3, method: 'tools/call', params: { name: 'nowhere', arguments: args } },
        { jsonrpc: '2.0', id: 4, method: 'resources/read', params: { uri: `file:///open/x` } },
      ])
        tell(await ask(port, { headers, body }));
      tell(await ask(port, { method: 'DELETE', headers }));
      tell(await ask(port, { headers, body: { jsonrpc: '2.0', id: 5, method: 'ping' } }));
    }
    const socket = new WebSocket(`ws://127.0.0.1:${port}/mcp`, 'mcp', {
      headers: { ...known[0], ...others },
    });
    await once(socket, 'open');
    socket.send(JSON.stringify(modernRequest('tools/call', { name: 'mcp_echo', arguments: args }).body));
    const [data] = (await once(socket, 'message')) as [Buffer];
    hear('answers', data.toString());
    socket.close();
    await once(socket, 'close');
    const stream = await openRaw(port);
    stream.write(
      requestBytes(port, {
        method: 'GET',
        path: '/sse',
        headers: { ...known[0], accept: 'text/event-stream' },
      }),
    );
    const [, id = ''] = /sessionId=([\w-]+)/.exec(await stream.seen('sessionId=')) ?? [];
    sessions.push(id);
    tell(await ask(port, { path: `/messages?sessionId=${id}`, headers: known[0] ?? {}, body: initialize }));
    stream.destroy();
  };

  /** A person connects a service for itself: the only one who sees a token of that is the service. */
  const connectPerson = async (port: number): Promise<void> => {
    const who = { 'x-api-key': secrets.apiKey };
    const call = () =>
      ask(port, modernRequest('tools/call', { name: 'mine_find', arguments: {} }, { headers: who }));
    const [link = ''] = /http\S+connect\/\S+/.exec(responseOf(await call()).error?.message ?? '') ?? [];
    assert.notEqual(link, '');
    links.push(link);
    const browser = new PageBrowser('ann');
    const first = await browser.open(link);
    const [, step = ''] = /name="step" value="([^"]+)"/.exec(first.page) ?? [];
    const typed = (key: string) =>
      browser.open(new URL('/connect/key', link), new URLSearchParams({ step, key }));
    const wrong = await typed(secrets.wrongKey);
    assert.equal(wrong.status, 403);
    const known = await typed(secrets.apiKey);
    const done = await browser.click(known);
    assert.match(done.page, /Connected/);
    for (const { page } of [first, wrong, known, done]) hear('pages', page);
    const { result } = responseOf(await call());
    assert.equal(result?.isError, undefined, JSON.stringify(result));
    for (const name of await readdir(join(folder, 'oauth.people')))
      hear('kept', await readFile(join(folder, 'oauth.people', name), 'utf8'));
    hear('token endpoint', consents.tokenRequests.map(String).join('\n'));
  };

  const beRefused = async (port: number): Promise<void> => {
    const refused: [number, RequestParts][] = [
      [401, shown({ 'x-api-key': secrets.wrongKey })],
      [401, shown({ authorization: `Bearer ${secrets.wrongBearer}` })],
      [401, shown({ authorization: `DPoP ${secrets.bearer}`, dpop: `a.${secrets.proof}.b` })],
      [401, shown({ authorization: `Basic ${Buffer.from(`ann:${secrets.basic}`).toString('base64')}` })],
      [400, shown({ authorization: `Bearer ${secrets.bearer} ${secrets.basic}` })],
      // The issuer does not answer what it is asked of it.
      [503, shown({ authorization: `Bearer ${secrets.opaque}` })],
      [400, { ...shown({}), path: `/mcp?access_token=${secrets.inQuery}` }],
      [403, shown({ 'x-api-key': secrets.apiKey, origin: `http://${secrets.cookie}.example` })],
      [404, { ...shown({ 'x-api-key': secrets.apiKey }), path: '/mcp/nowhere' }],
    ];
    for (const [status, request] of refused) {
      const answer = await ask(port, request);
      assert.equal(answer.status, status, answer.body);
      hear('answers', JSON.stringify(answer));
    }
  };

  /** Where each secret belongs; nowhere else may it be heard. */
  const belongs: Readonly<Partial<Record<Place, readonly string[]>>> = {
    restHeader: ['backends'],
    restBasic: ['backends'],
    mcpHeader: ['backends'],
    consulToken: ['consul'],
  };

  for (const place of Object.keys(secrets) as Place[])
    it(`${place} is heard ${belongs[place]?.join(' and ') ?? 'nowhere'}`, () => {
      const forms = formsOf(secrets[place]);
      const where = [...heard]
        .filter(([, all]) => forms.some((form) => all.includes(form)))
        .map(([name]) => name);
      assert.deepEqual(where, belongs[place] ?? []);
    });

  it('session ids are heard nowhere but by their client', () => {
    assert.equal(sessions.length, 3);
    for (const [where, all] of heard) for (const id of sessions) assert.ok(!all.includes(id), where);
  });

  it('links to pages are heard nowhere that is kept', () => {
    assert.equal(links.length, 1);
    for (const where of ['output', 'audit', 'recording'])
      for (const link of links) assert.ok(!(heard.get(where) ?? '').includes(link), where);
  });

  it("the issuer's tokens are heard nowhere", () => {
    const given = issuer.secrets.filter((secret) => secret !== secrets.oauthClient);
    assert.notEqual(given.length, 0);
    for (const [where, all] of heard) for (const secret of given) assert.ok(!all.includes(secret), where);
  });

  it("a person's tokens are heard by its service only, codes by the authorization server only", () => {
    const kinds = { access: ['backends'], refresh: [], code: ['token endpoint'] };
    for (const [kind, where] of Object.entries(kinds)) {
      const given = consents.secrets.filter((secret) => secret.startsWith(`${kind}-`));
      assert.notEqual(given.length, 0, kind);
      const by = [...heard]
        .filter(([, all]) => given.some((secret) => all.includes(secret)))
        .map(([name]) => name);
      assert.deepEqual(by, where, kind);
    }
  });

  it('the search hears: all that came out is long, and redacted arguments are marked', () => {
    for (const where of [
      'check',
      'output',
      'audit',
      'recording',
      'admin',
      'answers',
      'backends',
      'pages',
      'kept',
    ])
      assert.ok((heard.get(where) ?? '').length > 100, where);
    for (const where of ['backends', 'recording'])
      assert.match(heard.get(where) ?? '', /\[redacted:canaries\]/);
    assert.match(heard.get('output') ?? '', /"level":"debug"/);
  });
});

const initialize = {
  jsonrpc: '2.0',
  id: 0,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'a', version: '1' } },
};

const shown = (headers: Readonly<Record<string, string>>): RequestParts =>
  modernRequest('tools/call', { name: 'mcp_echo', arguments: {} }, { headers });

const token = (secret: string, seconds: number): Promise<string> =>
  new SignJWT({ iss: 'https://issuer.example', sub: 'ann', aud: 'gateway', client_id: 'desk' })
    .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt' })
    .setIssuedAt()
    .setExpirationTime(Math.floor(Date.now() / 1000) + seconds)
    .sign(new TextEncoder().encode(secret));
