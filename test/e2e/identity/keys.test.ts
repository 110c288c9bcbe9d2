/** API keys from the command line to the call: made, limited, listed, expired, revoked while the gateway runs. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../../src/cli/run.js';
import type { Log } from '../../../src/streams/log.js';
import { fakeTerminal } from '../../cli/fakeTerminal.js';
import { ask } from '../../support/ask.js';
import { eventually } from '../../support/eventually.js';
import { responseOf } from '../../support/messagesOf.js';
import { modernRequest } from '../../support/modern.js';
import { openRaw } from '../../support/openRaw.js';
import type { RawAnswer } from '../../support/parseAnswer.js';
import { requestBytes } from '../../support/requestBytes.js';
import { startMcpBackend, type McpBackend } from '../../support/startMcpBackend.js';
import { configFolder, type ConfigFolder, type GatewayOfFile } from './startFromFile.js';

describe('e2e: API keys', function () {
  this.timeout(30_000);
  let folder: ConfigFolder;
  let backend: McpBackend;
  let gateway: GatewayOfFile;
  const logged: string[] = [];
  const write = (fields: unknown, message: string): void =>
    void logged.push(`${message} ${JSON.stringify(fields)}`);
  const log: Log = { debug: write, info: write, warn: write, error: write };

  before(async () => {
    [folder, backend] = await Promise.all([
      configFolder(),
      startMcpBackend({
        tools: {
          echo: (call) => call.reply({ content: [] }),
          other: (call) => call.reply({ content: [] }),
        },
      }),
    ]);
    await folder.write(
      'gateway.yaml',
      `listen: { port: 0 }
admin: { port: 0 }
servers:
  a: { url: "${backend.url}" }
  b: { url: "${backend.url}", allowed_clients: [ci] }
namespaces: { team: { servers: [a] } }
auth: { api_keys: { file: ./keys.yaml } }
`,
    );
    gateway = await folder.start(log);
  });
  after(async () => {
    await gateway.close();
    await Promise.all([backend.close(), folder.remove()]);
  });

  const sluice = async (...args: string[]) => {
    const terminal = fakeTerminal({ cwd: folder.path });
    const code = await run(['keys', ...args], terminal);
    return { code, out: terminal.out, err: terminal.err };
  };
  const keysText = () => readFile(join(folder.path, 'keys.yaml'), 'utf8');
  const call = (
    headers: Readonly<Record<string, string>>,
    name = 'a_echo',
    path = '/mcp',
  ): Promise<RawAnswer> =>
    ask(gateway.port, { path, ...modernRequest('tools/call', { name, arguments: {} }, { headers }) });
  const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
  const accepted = async (key: string): Promise<boolean> => {
    const { status } = await ask(
      gateway.port,
      modernRequest('server/discover', {}, { headers: bearer(key) }),
    );
    assert.ok(status === 200 || status === 401, String(status));
    return status === 200;
  };
  /** A key that the running gateway has taken up. */
  const key = async (...args: string[]): Promise<string> => {
    const { code, out, err } = await sluice('create', ...args);
    assert.equal(code, 0, err);
    const made = out.trim();
    if (!args.includes('--namespace'))
      await eventually(5000, 'that the gateway reads the key', () => accepted(made));
    return made;
  };
  const names = async (shown: string, path = '/mcp'): Promise<string[]> => {
    const answer = await ask(gateway.port, {
      path,
      ...modernRequest('tools/list', {}, { headers: bearer(shown) }),
    });
    const { tools } = responseOf(answer).result as unknown as { readonly tools: readonly { name: string }[] };
    return tools.map(({ name }) => name);
  };

  it('refuses everybody before the first key is made', async () => {
    const answer = await call({});
    assert.equal(answer.status, 401);
    assert.equal(
      answer.headers['www-authenticate'],
      'Bearer realm="sluice"',
      'there is no issuer to be found',
    );
    assert.match((await sluice('list')).out, /no keys in keys\.yaml/);
  });

  it('is taken as Bearer token and as X-API-Key, without a restart; the file has no key in it', async () => {
    const made = await key('--user', 'ann', '--tenant', 'acme');
    assert.match(made, /^slk_[A-Za-z0-9]{12}_[\w-]{43}$/);
    assert.equal((await call(bearer(made))).status, 200);
    assert.equal((await call({ 'x-api-key': made })).status, 200);
    assert.ok(!(await keysText()).includes(made.slice(17)));
    assert.ok(logged.some((line) => line.includes('"tool_call"') && line.includes('"tenant":"acme"')));
  });

  it('is good for what it was made for only: what else there is does not exist for it', async () => {
    const some = await key('--user', 'ci', '--client', 'ci', '--server', 'a', '--tool', 'a_ec*');
    assert.deepEqual(await names(some), ['a_echo']);
    const before = backend.calls;
    const [hidden, unknown] = await Promise.all([
      call(bearer(some), 'a_other'),
      call(bearer(some), 'a_nothing'),
    ]);
    const said = ({ body }: RawAnswer): string =>
      body.replace(/a_other|a_nothing/g, 'X').replace(/"id":"\w+"/, '');
    assert.equal(said(hidden), said(unknown));
    assert.equal(backend.calls, before, 'the backend saw nothing');
    assert.equal((await call(bearer(some))).status, 200);
  });

  it('sees a server for some clients only with the name of one', async () => {
    assert.deepEqual(await names(await key('--user', 'x')), ['a_echo', 'a_other']);
    const ci = await key('--user', 'y', '--client', 'ci');
    assert.deepEqual(await names(ci), ['a_echo', 'a_other', 'b_echo', 'b_other']);
    assert.equal((await call(bearer(ci), 'b_echo')).status, 200);
  });

  it('one for a namespace is none elsewhere', async () => {
    const team = await key('--user', 'z', '--namespace', 'team');
    await eventually(5000, 'that the gateway reads the key', async () => {
      const { status } = await call(bearer(team), 'echo', '/mcp/team');
      return status === 200;
    });
    const elsewhere = await call(bearer(team));
    assert.equal(elsewhere.status, 401);
    assert.match(elsewhere.body, /The API key is not valid here/);
  });

  it('refuses an unknown, a wrong and a malformed one in the same words', async () => {
    const made = await key('--user', 'ann');
    const wrong = `${made.slice(0, -1)}${made.endsWith('A') ? 'B' : 'A'}`;
    const unknown = `slk_${'A'.repeat(12)}${made.slice(16)}`;
    const answers = await Promise.all([wrong, unknown, 'slk_short'].map((text) => call(bearer(text))));
    for (const { status, headers } of answers)
      assert.deepEqual(
        [status, headers['www-authenticate']],
        [
          401,
          'Bearer realm="sluice", error="invalid_token", error_description="The API key is not valid here"',
        ],
      );
  });

  it('expires, and is listed as over', async () => {
    const made = await key('--user', 'temp', '--expires', '1h');
    const { code, err } = await sluice('create', '--user', 'temp', '--expires', '2001-01-01');
    assert.notEqual(code, 0);
    assert.match(err, /in the past/);
    await folder.write(
      'keys.yaml',
      (await keysText()).replace(/expires: .*/, 'expires: 2001-01-01T00:00:00Z'),
    );
    await eventually(5000, 'that it has expired', async () => !(await accepted(made)));
    assert.match((await sluice('list')).out, /temp.*2001-01-01 \(over\)/);
  });

  it('a revoked one is refused within seconds, and the stream it opened ends', async () => {
    const made = await key('--user', 'gone');
    const stream = await openRaw(gateway.port);
    stream.write(
      requestBytes(
        gateway.port,
        modernRequest(
          'subscriptions/listen',
          { notifications: { toolsListChanged: true } },
          { headers: { ...bearer(made), accept: 'application/json, text/event-stream' } },
        ),
      ),
    );
    await stream.seen('notifications/subscriptions/acknowledged');
    const { out } = await sluice('revoke', made);
    assert.match(out, /is revoked/);
    assert.ok(!out.includes(made), 'it does not repeat the key');
    await eventually(5000, 'that it is refused', async () => !(await accepted(made)));
    await stream.seen('The API key is not valid here', 15_000);
    stream.destroy();
    assert.notEqual((await sluice('revoke', made)).code, 0);
  });

  it('a file that was spoilt changes nothing, and is told of without a word of what it holds', async () => {
    const made = await key('--user', 'still');
    const good = await keysText();
    await folder.write('keys.yaml', `${good}\n  nonsense: [secret-text`);
    await eventually(5000, 'that it is told', () => logged.some((line) => line.includes('config_rejected')));
    assert.ok(!logged.some((line) => line.includes('secret-text')));
    assert.equal(await accepted(made), true);
    await folder.write('keys.yaml', good);
  });

  it('no key is in any log line', () => {
    assert.ok(logged.length > 10);
    assert.ok(!logged.some((line) => /slk_\w{12}_/.test(line)));
  });
});
