/** Client certificates over real TLS: of a CA made for the test, expired and revoked ones, renewed lists, and a proxy's word. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request as plainRequest } from 'node:http';
import { request, type RequestOptions } from 'node:https';
import { connect as connectPlain } from 'node:net';
import { connect } from 'node:tls';
import { text } from 'node:stream/consumers';
import type { IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import { silent } from '../../../src/streams/log.js';
import { eventually } from '../../support/eventually.js';
import { modernRequest } from '../../support/modern.js';
import { startMcpBackend, type McpBackend } from '../../support/startMcpBackend.js';
import { testAuthority, type Pair, type TestAuthority } from '../../support/testAuthority.js';
import { configFolder, type ConfigFolder, type GatewayOfFile } from './startFromFile.js';

interface Answer {
  readonly status: number;
  readonly challenge: string;
  readonly body: string;
}

/** Why, in the words of OpenSSL. */
const refusals: Readonly<Record<string, string>> = {
  expired: 'CERT_HAS_EXPIRED',
  foreign: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  revoked: 'CERT_REVOKED',
  none: 'ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE',
};

const textOf = async (gateway: GatewayOfFile, what: 'metrics' | 'healthz'): Promise<string> =>
  (await fetch(new URL(what, gateway.adminUrl))).text();

describe('e2e: client certificates', function () {
  this.timeout(30_000);
  let authority: TestAuthority;
  let stranger: TestAuthority;
  let backend: McpBackend;
  let server: Pair;
  const pairs: Record<string, Pair> = {};
  const closing: (() => Promise<unknown>)[] = [];

  before(async () => {
    [authority, stranger, backend] = await Promise.all([
      testAuthority(),
      testAuthority('Test CA'),
      startMcpBackend({ tools: { echo: (call) => call.reply({ content: [] }) } }),
    ]);
    server = await authority.issue({ name: 'gw', alternative: 'DNS:localhost,IP:127.0.0.1' });
    pairs['spiffe'] = await authority.issue({
      name: 'ignored',
      alternative: 'URI:spiffe://acme/ns/prod/ci,DNS:ci.acme.example',
    });
    pairs['dns'] = await authority.issue({ name: 'ignored', alternative: 'DNS:batch.acme.example' });
    pairs['subject'] = await authority.issue({ name: 'ann' });
    pairs['expired'] = await authority.issue({ name: 'old', expired: true });
    pairs['revoked'] = await authority.issue({ name: 'lost' });
    pairs['foreign'] = await stranger.issue({ name: 'ann' });
  });
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });
  after(() => Promise.all([authority.remove(), stranger.remove(), backend.close()]));

  const start = async (
    mtls: string,
    more = '',
    revoked: readonly Pair[] = [],
    crl?: string,
    ca = authority.ca,
  ): Promise<{ gateway: GatewayOfFile; folder: ConfigFolder; logged: string[] }> => {
    const folder = await configFolder();
    closing.push(() => folder.remove());
    await folder.write('ca.pem', ca);
    await folder.write('crl.pem', crl ?? (await authority.revocations(...revoked)));
    await folder.write('server.pem', server.cert);
    await folder.write('server.key', server.key);
    await folder.write(
      'gateway.yaml',
      `listen: { port: 0${more.includes('plain') ? '' : ', tls: { cert: server.pem, key: server.key }'} }
admin: { port: 0 }
servers: { a: { url: "${backend.url}" } }
auth:
  mtls: { ca: ca.pem, ${mtls} }
${more.replace('plain', '')}`,
    );
    const logged: string[] = [];
    const write = (fields: unknown, message: string): void =>
      void logged.push(`${message} ${JSON.stringify(fields)}`);
    const gateway = await folder.start({ ...silent, info: write, warn: write, error: write });
    closing.push(() => gateway.close());
    return { gateway, folder, logged };
  };

  const call = async (
    gateway: GatewayOfFile,
    pair: Pair | undefined,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> => {
    const sent = modernRequest('tools/call', { name: 'a_echo', arguments: {} }, { headers });
    const options: RequestOptions = {
      host: '127.0.0.1',
      port: gateway.port,
      path: '/mcp',
      method: 'POST',
      agent: false,
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        ...sent.headers,
      },
    };
    const outgoing = gateway.url.startsWith('https:')
      ? request({ ...options, ca: authority.ca, ...pair })
      : plainRequest(options);
    outgoing.end(JSON.stringify(sent.body));
    const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
    return {
      status: response.statusCode ?? 0,
      challenge: String(response.headers['www-authenticate']),
      body: await text(response),
    };
  };

  for (const [kind, expected] of Object.entries({
    spiffe: 'certificate uri spiffe://acme/ns/prod/ci',
    dns: 'certificate dns batch.acme.example',
    subject: 'certificate subject ann',
  }))
    it(`takes the name of a certificate from ${kind}`, async () => {
      const { gateway, logged } = await start('mode: optional');
      assert.equal((await call(gateway, pairs[kind])).status, 200);
      assert.ok(
        logged.some((line) => line.includes(`"principal":"${expected}"`)),
        logged.join('\n'),
      );
    });

  it('gives what is known of a client by its name', async () => {
    const { gateway, logged } = await start(
      'clients: [{ name: "spiffe://acme/ns/*", tenant: acme, scopes: [mcp] }]',
      '  scopes: { required: [mcp] }\n',
    );
    assert.equal((await call(gateway, pairs['spiffe'])).status, 200);
    assert.ok(logged.some((line) => line.includes('"tenant":"acme"')));
    const other = await call(gateway, pairs['dns']);
    assert.equal(other.status, 403);
    assert.match(other.challenge, /error="insufficient_scope"/);
  });

  for (const kind of ['expired', 'foreign', 'revoked'])
    it(`refuses one that is ${kind} with words, where certificates are optional`, async () => {
      const { gateway } = await start(
        'crl: crl.pem',
        '',
        kind === 'revoked' ? [pairs['revoked'] as Pair] : [],
      );
      const before = backend.calls;
      const answer = await call(gateway, pairs[kind]);
      assert.equal(answer.status, 401);
      assert.match(answer.challenge, /of another authority, expired or revoked/);
      assert.equal(backend.calls, before);
      assert.equal((await call(gateway, undefined)).status, 401, 'without one, and no other credential');
    });

  for (const kind of ['expired', 'foreign', 'revoked', 'none'])
    it(`ends the handshake of one that is ${kind}, where they are required`, async () => {
      const { gateway, logged } = await start(
        'crl: crl.pem, mode: required',
        '',
        kind === 'revoked' ? [pairs['revoked'] as Pair] : [],
      );
      await assert.rejects(call(gateway, pairs[kind]));
      assert.equal((await call(gateway, pairs['subject'])).status, 200);
      const told = logged.filter((line) => line.includes('"event":"certificate_refused"'));
      assert.equal(told.length, 1, logged.join('\n'));
      assert.match(told[0] ?? '', new RegExp(`"why":"${refusals[kind]}"`));
      const reason = kind === 'none' ? 'missing' : 'invalid';
      assert.match(
        await textOf(gateway, 'metrics'),
        new RegExp(`auth_failures_total{reason="${reason}"} 1\\n`),
      );
    });

  it('does not call a broken handshake a refused certificate', async () => {
    const { gateway, logged } = await start('mode: required');
    const socket = connectPlain({ port: gateway.port, host: '127.0.0.1' });
    socket.end('GET / HTTP/1.1\r\n\r\n').resume();
    await once(socket, 'close');
    assert.equal((await call(gateway, pairs['subject'])).status, 200);
    assert.deepEqual(
      logged.filter((line) => line.includes('certificate_refused')),
      [],
    );
  });

  it('lets nobody in by a revocation list that has run out, and says so loudly, until there is a new one', async () => {
    const { gateway, folder, logged } = await start('crl: crl.pem', '', [], await authority.oldRevocations());
    assert.equal(logged.filter((line) => line.includes('"event":"revocation_list_outdated"')).length, 1);
    const notice =
      /"notices":\["The revocation list of `CN=Test CA` in `auth\.mtls\.crl` has run out at 2020-01-02T00:00:00\.000Z/;
    assert.match(await textOf(gateway, 'healthz'), notice);
    const answer = await call(gateway, pairs['subject']);
    assert.equal(answer.status, 503);
    assert.match(answer.body, /can not be checked/);
    await folder.write('crl.pem', await authority.revocations());
    await eventually(10_000, 'that callers are let in', async () => {
      return (await call(gateway, pairs['subject'])).status === 200;
    });
    assert.doesNotMatch(await textOf(gateway, 'healthz'), /notices/);
  });

  it('lets nobody in by a revocation list whose time has not come, and says so', async () => {
    const { gateway, logged } = await start('crl: crl.pem', '', [], await authority.earlyRevocations());
    assert.equal(logged.filter((line) => line.includes('"event":"revocation_list_early"')).length, 1);
    assert.match(await textOf(gateway, 'healthz'), /`CN=Test CA` in .* says nothing before 2090-01-01/);
    const answer = await call(gateway, pairs['subject']);
    assert.equal(answer.status, 503);
    assert.match(answer.body, /can not be checked/);
  });

  describe('of two authorities', () => {
    let other: TestAuthority;
    before(async () => {
      other = await testAuthority('Other CA');
      pairs['other'] = await other.issue({ name: 'bob' });
      pairs['self'] = await other.own('bob');
    });
    after(() => other.remove());

    it('takes the lists of both from one file', async () => {
      const lost = await other.issue({ name: 'eve' });
      const lists = `${await authority.revocations()}${await other.revocations(lost)}`;
      const { gateway } = await start('crl: crl.pem', '', [], lists, `${authority.ca}${other.ca}`);
      for (const name of ['subject', 'other'])
        assert.equal((await call(gateway, pairs[name])).status, 200, name);
      assert.equal((await call(gateway, lost)).status, 401);
      assert.doesNotMatch(await textOf(gateway, 'healthz'), /notices/);
    });

    it('says of which one there is no list, and lets nobody of it in', async () => {
      const lists = await authority.revocations();
      const { gateway, logged } = await start('crl: crl.pem', '', [], lists, `${authority.ca}${other.ca}`);
      assert.equal(logged.filter((line) => line.includes('"event":"revocation_list_missing"')).length, 1);
      assert.match(await textOf(gateway, 'healthz'), /has no revocation list of `CN=Other CA`: no client/);
      assert.equal((await call(gateway, pairs['subject'])).status, 200);
      assert.equal((await call(gateway, pairs['other'])).status, 503);
      assert.equal((await call(gateway, pairs['self'])).status, 401, 'of no authority at all');
    });
  });

  it('takes a new revocation list without a restart: open connections of the revoked end', async () => {
    const pair = await authority.issue({ name: 'soon' });
    const { gateway, folder } = await start('crl: crl.pem');
    const socket = new WebSocket(gateway.url.replace('https', 'wss'), 'mcp', { ca: authority.ca, ...pair });
    await once(socket, 'open');
    assert.equal((await call(gateway, pair)).status, 200);
    const closed = once(socket, 'close');
    await folder.write('crl.pem', await authority.revocations(pair));
    await eventually(10_000, 'that it is refused', async () => (await call(gateway, pair)).status === 401);
    await closed;
    assert.equal((await call(gateway, pairs['subject'])).status, 200);
  });

  it('takes a new certificate of its own without a restart', async () => {
    const { gateway, folder } = await start('mode: optional');
    const next = await authority.issue({ name: 'gw-2', alternative: 'IP:127.0.0.1' });
    await folder.write('server.key', next.key);
    await folder.write('server.pem', next.cert);
    await eventually(10_000, 'that it is shown', async () => {
      const socket = connect({ port: gateway.port, host: '127.0.0.1', ca: authority.ca });
      await once(socket, 'secureConnect');
      const { CN: shown } = socket.getPeerCertificate().subject;
      socket.destroy();
      return shown === 'gw-2';
    });
  });

  const told = (header: string) => ({ 'x-forwarded-client-cert': header });
  const spiffe = 'By=spiffe://acme/proxy;URI=spiffe://acme/ns/prod/web;Subject="CN=web,O=acme"';

  it('believes a proxy at a configured address', async () => {
    const { gateway, logged } = await start('mode: required, proxy: { addresses: ["127.0.0.0/8"] }', 'plain');
    assert.equal((await call(gateway, undefined, told(spiffe))).status, 200);
    assert.ok(
      logged.some((line) => line.includes('"principal":"certificate uri spiffe://acme/ns/prod/web"')),
    );
    const without = await call(gateway, undefined);
    assert.equal(without.status, 401);
    assert.match(without.body, /A client certificate is needed here/);
  });

  const forged: [string, string][] = [
    ['the first of several', `${spiffe},By=x;URI=spiffe://acme/ns/prod/real`],
    ['two names', 'URI=spiffe://acme/a;URI=spiffe://acme/b'],
    ['a comma in a name', 'URI="spiffe://acme/a, URI:spiffe://acme/b"'],
    ['half a header', 'URI="spiffe://acme/a'],
    ['no name', 'Hash=abc'],
  ];
  for (const [name, header] of forged)
    it(`takes nobody else's name from a proxy's header: ${name}`, async () => {
      const { gateway, logged } = await start('proxy: { addresses: ["127.0.0.1"] }', 'plain');
      const answer = await call(gateway, undefined, told(header));
      const entered = logged.filter((line) => line.includes('"principal":"certificate'));
      if (name === 'the first of several')
        assert.ok(
          entered.every((line) => line.includes('spiffe://acme/ns/prod/real"')) && entered.length === 1,
        );
      else assert.deepEqual([answer.status, entered], [401, []]);
    });

  it('believes the header from nowhere else', async () => {
    const { gateway } = await start('proxy: { addresses: ["10.0.0.0/8"] }', 'plain');
    const answer = await call(gateway, undefined, told(spiffe));
    assert.equal(answer.status, 401);
    assert.match(answer.body, /Say who you are/);
  });
});
