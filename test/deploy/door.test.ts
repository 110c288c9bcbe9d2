import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { connect } from 'node:net';
import { eventually } from '../support/eventually.js';
import { modernRequest } from '../support/modern.js';
import { freePorts } from '../support/services/freePorts.js';
import { startGateway, type RunningGateway } from '../support/startGateway.js';

/** Debian puts it where only root looks. */
const haproxy = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin']
  .map((folder) => join(folder, 'haproxy'))
  .find((path) => existsSync(path));

const issuer = 'https://issuer.example/realms/tools';
const audience = 'https://mcp.example/mcp';
const base64url = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const inSeconds = (seconds: number): number => Math.floor(Date.now() / 1000) + seconds;

/** A token, signed by `key` whatever its header says. */
const token = (key: KeyObject, claims: object = {}, header: object = { alg: 'RS256' }): string => {
  const payload = { iss: issuer, aud: audience, exp: inSeconds(60), ...claims };
  const signed = `${base64url(header)}.${base64url(payload)}`;
  return `${signed}.${sign('sha256', Buffer.from(signed), key).toString('base64url')}`;
};

describe('deploy/kubernetes/haproxy.cfg in front of a gateway', function () {
  this.timeout(60_000);
  const folder = mkdtempSync(join(tmpdir(), 'sluice-door-'));
  const trusted = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 });
  let gateway: RunningGateway | undefined;
  let door: ChildProcess | undefined;
  let httpsPort = 0;
  let probesPort = 0;
  let metricsPort = 0;
  let seen = '';

  before(async () => {
    assert.ok(haproxy !== undefined, 'This needs HAProxy: apt-get install haproxy');
    gateway = await startGateway('  {}');
    [httpsPort = 0, probesPort = 0, metricsPort = 0] = await freePorts(3);
    writeFileSync(join(folder, 'issuer.pem'), trusted.publicKey.export({ type: 'spki', format: 'pem' }));
    const certified = spawnSync('openssl', [
      ...'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=localhost -days 2'.split(
        ' ',
      ),
      ...['-keyout', join(folder, 'tls.key'), '-out', join(folder, 'tls.crt')],
    ]);
    assert.equal(certified.status, 0, String(certified.stderr));
    // Only places differ from what is deployed.
    const config = readFileSync(new URL('../../deploy/kubernetes/haproxy.cfg', import.meta.url), 'utf8')
      .replace(/\/etc\/haproxy\/(?:tls|jwt)\//g, `${folder}/`)
      .replace('bind :8443', `bind 127.0.0.1:${httpsPort}`)
      .replace('bind :8083', `bind 127.0.0.1:${metricsPort}`)
      .replace('bind :8082', `bind 127.0.0.1:${probesPort}`)
      .replace('127.0.0.1:8080', `127.0.0.1:${gateway.port}`)
      .replace('127.0.0.1:8081', new URL(gateway.adminUrl).host);
    writeFileSync(join(folder, 'haproxy.cfg'), config);
    door = spawn(haproxy, ['-db', '-f', join(folder, 'haproxy.cfg')], {
      env: { JWT_ISSUER: issuer, JWT_AUDIENCE: audience },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [door.stdout, door.stderr])
      stream?.setEncoding('utf8').on('data', (chunk: string) => (seen = (seen + chunk).slice(-10_000)));
    await listening(probesPort);
  });

  after(async () => {
    if (door?.exitCode === null) {
      const exited = once(door, 'exit');
      door.kill('SIGTERM');
      await exited;
    }
    await gateway?.close();
    rmSync(folder, { recursive: true });
  });

  /** Resolves when somebody listens there. */
  const listening = (port: number): Promise<void> =>
    eventually(20_000, 'that HAProxy listens', async () => {
      assert.equal(door?.exitCode, null, `HAProxy did not start: ${seen}`);
      const socket = connect(port, '127.0.0.1');
      const reached = await new Promise<boolean>((resolve) => {
        socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
      });
      socket.destroy();
      return reached;
    });

  const list = (authorization?: string): Promise<{ status: number; body: string; asks: string }> => {
    const { headers, body } = modernRequest('tools/list');
    return new Promise((resolve, reject) => {
      const options = {
        method: 'POST',
        rejectUnauthorized: false,
        // A refusal may close the connection: each request has its own.
        agent: false,
        headers: {
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
          ...headers,
          ...(authorization === undefined ? {} : { authorization }),
        },
      };
      request(`https://localhost:${httpsPort}/mcp`, options, (response) => {
        text(response).then(
          (answer) =>
            resolve({
              status: response.statusCode ?? 0,
              body: answer,
              asks: response.headers['www-authenticate'] ?? '',
            }),
          reject,
        );
      })
        .on('error', reject)
        .end(JSON.stringify(body));
    });
  };

  it('lets a call through that brings a good token, for one audience or several', async () => {
    for (const aud of [audience, ['another', audience]]) {
      const { status, body } = await list(`Bearer ${token(trusted.privateKey, { aud })}`);
      assert.equal(status, 200, body + seen);
      assert.match(body, /"tools":\[/);
    }
  });

  const none = base64url({ alg: 'none' });
  for (const [what, authorization] of [
    ['no token', undefined],
    ['no bearer token', 'Basic YTpi'],
    ['what is no token', 'Bearer abc'],
    ['a token of another key', `Bearer ${token(stranger.privateKey)}`],
    ['a token without signature', `Bearer ${none}.${base64url({ iss: issuer, aud: audience })}.`],
    ['a token with another algorithm', `Bearer ${token(trusted.privateKey, {}, { alg: 'HS256' })}`],
    ['a token of another issuer', `Bearer ${token(trusted.privateKey, { iss: `${issuer}/x` })}`],
    ['a token for somebody else', `Bearer ${token(trusted.privateKey, { aud: ['another'] })}`],
    ['a token for no one', `Bearer ${token(trusted.privateKey, { aud: undefined })}`],
    ['a token that is over', `Bearer ${token(trusted.privateKey, { exp: inSeconds(-1) })}`],
    ['a token without end', `Bearer ${token(trusted.privateKey, { exp: undefined })}`],
    ['a token of tomorrow', `Bearer ${token(trusted.privateKey, { nbf: inSeconds(3600) })}`],
  ] as const)
    it(`refuses ${what}`, async () => {
      const { status, asks } = await list(authorization);
      assert.equal(status, 401, seen);
      assert.match(asks, /^Bearer/);
    });

  it('answers probes without a token, and nothing else there', async () => {
    const probe = async (path: string): Promise<number> => {
      // As the kubelet calls a pod: by an address that is not loopback's name.
      const response = await fetch(`http://127.0.0.1:${probesPort}${path}`, {
        headers: { host: '10.1.2.3' },
      });
      await response.text();
      return response.status;
    };
    assert.equal(await probe('/healthz'), 200);
    assert.equal(await probe('/readyz'), 200);
    assert.equal(await probe('/door'), 200);
    assert.equal(await probe('/mcp'), 404);
    assert.equal(await probe('/healthz/../metrics'), 404);
    assert.equal(await probe('/metrics'), 404);
  });

  it('gives the metrics at a port of their own, and nothing else there', async () => {
    const get = async (path: string): Promise<string> => {
      const response = await fetch(`http://127.0.0.1:${metricsPort}${path}`, {
        headers: { host: '10.1.2.3' },
      });
      return `${response.status} ${await response.text()}`;
    };
    assert.match(await get('/metrics'), /^200 [^]*\nmcp_gateway_sessions 0\n/);
    assert.match(await get('/healthz'), /^404/);
  });
});
