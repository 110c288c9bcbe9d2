import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { firstValueFrom } from 'rxjs';
import { loadSettings } from '../../../src/config/load.js';
import { createGateway } from '../../../src/gateway.js';
import type { Gateway } from '../../../src/gateway/gateway.js';
import { callOperators } from '../../../src/gateway/explain/callOperators.js';
import type { CallRecord } from '../../../src/protocol/audit/callRecord.js';
import type { AskedCaller, ExplainQuestion } from '../../../src/protocol/explain/explanation.js';
import { newApiKey } from '../../../src/protocol/identity/apiKey.js';
import { constant } from '../../../src/streams/latest.js';
import { silent } from '../../../src/streams/log.js';
import { modernCall } from '../../support/modern.js';
import { startMcpBackend, type McpBackend } from '../../support/startMcpBackend.js';

describe('gateway/explain', function () {
  this.timeout(30_000);
  let backend: McpBackend;
  let gateway: Gateway;
  let records: CallRecord[];
  before(async () => {
    backend = await startMcpBackend();
  });
  after(() => backend.close());
  beforeEach(() => {
    records = [];
  });
  afterEach(() => gateway.close());

  const open = async (more: string, server = ''): Promise<void> => {
    const text = [
      'listen: { port: 0 }',
      'admin: { port: 0 }',
      `servers: { search: { url: 'http://127.0.0.1:${backend.port}/mcp' ${server} } }`,
      more,
    ].join('\n');
    const settings = loadSettings(text, { file: 'g.yaml', env: {}, baseDir: process.cwd() });
    gateway = createGateway(constant(settings), { log: silent, version: '0' });
    gateway.records$.subscribe((record) => records.push(record));
    await gateway.ready();
  };
  const explain = async (as: AskedCaller = {}, more: Partial<ExplainQuestion> = {}) =>
    gateway.inside.explain({ method: 'tools/call', name: 'search_echo', as, ...more });
  /** The operator that refuses, with the place that is responsible. */
  const refusal = async (as: AskedCaller = {}, more: Partial<ExplainQuestion> = {}) => {
    const { steps, allowed, answer } = await explain(as, more);
    const refusing = steps.filter(({ outcome }) => outcome === 'refuses');
    assert.equal(refusing.length, 1, JSON.stringify(steps, null, 1));
    assert.equal(allowed, false);
    const [{ operator, detail, configuration } = assert.fail()] = refusing;
    const after = steps.slice(steps.findIndex((step) => step.operator === operator) + 1);
    assert.ok(after.every(({ outcome }) => outcome === 'not_reached'));
    return { operator, detail, pointer: configuration?.pointer, code: answer?.code };
  };

  it('says whether a call would be answered from memory, and remembers nothing of its own', async () => {
    await open('cache: { tools/call: { ttl: 1m, trusted: [search] } }');
    const port = Number(new URL((await gateway.listen()).url).port);
    const step = async (): Promise<unknown> =>
      (await explain({}, { arguments: { text: 'c' } })).steps.find(({ operator }) => operator === 'cache')
        ?.detail;
    const before = backend.calls;
    const unknown = 'Would be sent, and its answer remembered for 60 s at most';
    assert.deepEqual([await step(), await step()], [unknown, unknown]);
    await modernCall(port, 'search_echo', { text: 'c' });
    assert.equal(backend.calls, before + 1);
    assert.equal(await step(), 'Would be answered from memory');
  });

  it('names the operators of a real call, in their order, and sends nothing', async () => {
    await open('');
    const stock = callOperators.filter((name) => name !== 'cache');
    const port = Number(new URL((await gateway.listen()).url).port);
    const before = backend.calls;
    const { allowed, steps, answer } = await explain({}, { arguments: { text: 'x' } });
    assert.deepEqual([allowed, answer], [true, undefined]);
    assert.deepEqual(
      steps.map(({ operator }) => operator),
      stock,
    );
    assert.ok(steps.every(({ outcome }) => outcome === 'passes'));
    assert.equal(backend.calls, before);
    assert.deepEqual(records, [], 'not recorded');
    const record = firstValueFrom(gateway.records$);
    await modernCall(port, 'search_echo', { text: 'x' });
    const real = new Set(((await record).stages ?? []).map(({ name }) => name));
    assert.deepEqual(
      [...real].filter((name) => callOperators.includes(name)),
      stock,
    );
  });

  it('a tool that nobody offers, that is blocked, and one of a server that does not answer', async () => {
    await open(`blocked_tools: ['*_echo']`, `}, away: { url: 'http://127.0.0.1:9/mcp'`);
    assert.deepEqual(await refusal(), {
      operator: 'resolveTool',
      detail: 'It is blocked for everybody',
      pointer: '/blocked_tools',
      code: 'ERR_TOOL_UNKNOWN',
    });
    assert.equal((await refusal({}, { name: 'search_nothing' })).pointer, '/servers');
    const away = await refusal({}, { name: 'away_anything' });
    assert.equal(away.pointer, '/servers/away');
    assert.match(away.detail, /has not answered/);
    assert.equal((await refusal({}, { namespace: 'none' })).pointer, '/namespaces');
  });

  it('tenants and access policies', async () => {
    await open(
      `tenants: { acme: {}, beta: { servers: [] } }\n` +
        `policies: [{ tenant: acme, roles: [reader], tools: { allowed: ['*'], denied: ['*_hang'] } }, { tenant: acme, roles: [intern], tools: { denied: ['search_echo'] } }]`,
    );
    assert.deepEqual(await refusal({ user: 'ann' }), {
      operator: 'needTenant',
      detail: 'This gateway serves tenants, and you belong to none of them',
      pointer: '/tenants',
      code: 'ERR_TENANT_REQUIRED',
    });
    assert.equal((await refusal({ user: 'ann', tenant: 'beta' })).pointer, '/tenants/beta/servers');
    assert.deepEqual(await refusal({ user: 'ann', tenant: 'acme' }), {
      operator: 'resolveTool',
      detail: 'No access policy allows it',
      pointer: '/policies',
      code: 'ERR_HIDDEN',
    });
    assert.equal(
      (await refusal({ user: 'ann', tenant: 'acme', roles: ['reader', 'intern'] })).pointer,
      '/policies/1',
    );
    // One policy that allows everything else.
    const denied = await refusal({ user: 'ann', tenant: 'acme', roles: ['reader'] }, { name: 'search_hang' });
    assert.equal(denied.detail, 'The access policy 1 denies it');
    assert.equal(denied.pointer, '/policies/0');
    const { allowed, steps } = await explain({ user: 'ann', tenant: 'acme', roles: ['reader'] });
    assert.equal(allowed, true);
    const found = steps.find(({ operator }) => operator === 'resolveTool');
    assert.equal(found?.configuration?.pointer, '/policies/0');
    assert.match(found.detail, /The access policy 1 allows it/);
  });

  it('doors and scopes', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sluice-explain-'));
    const keys = join(folder, 'keys.yaml');
    await writeFile(keys, JSON.stringify({ keys: [{ ...newApiKey().hashed, user: 'ann' }] }));
    await open(`auth: { api_keys: { file: '${keys}' } }`, `, allowed_clients: [cli], scopes: [mail]`);
    assert.deepEqual((await refusal()).pointer, '/servers/search/auth_required');
    assert.equal((await refusal({ user: 'ann', client: 'web' })).pointer, '/servers/search/allowed_clients');
    const lacking = await refusal({ user: 'ann', client: 'cli' });
    assert.deepEqual(
      [lacking.operator, lacking.pointer, lacking.code],
      ['enterServer', '/servers/search/scopes', 'ERR_SCOPE_INSUFFICIENT'],
    );
    assert.match(lacking.detail, /mail/);
    assert.equal((await explain({ user: 'ann', client: 'cli', scopes: ['mail'] })).allowed, true);
    await rm(folder, { recursive: true });
  });

  it('limits as they stand, without taking from them', async () => {
    await open(`limits: { search: { rate: 3/day, by: all } }`);
    const port = Number(new URL((await gateway.listen()).url).port);
    const left = async () =>
      (await explain()).steps.find(({ operator }) => operator === 'limitCalls')?.detail;
    assert.equal(await left(), 'limits.search: 3 left');
    assert.equal(await left(), 'limits.search: 3 left');
    for (let call = 0; call < 3; call++) await modernCall(port, 'search_echo', { text: 'x' });
    const none = await refusal();
    assert.deepEqual(
      [none.operator, none.pointer, none.code],
      ['limitCalls', '/limits/search', 'ERR_RATE_LIMITED'],
    );
  });

  it('redaction, by name of the rule', async () => {
    await open(`redact: { rules: [{ name: mail, detect: [email], action: mask }] }`);
    const step = (await explain()).steps.find(({ operator }) => operator === 'redactArguments');
    assert.equal(step?.outcome, 'changes');
    assert.match(step.detail, /mail \(mask/);
    assert.equal(step.configuration?.pointer, '/redact/rules/0');
  });

  it('what is rewritten, and where that is written', async () => {
    const rewrite = '{ jsonata: "$" }';
    await open(
      'transform: { context: true }',
      `, transform: { arguments: ${rewrite} }, tools: { echo: { transform: { result: ${rewrite} } } }`,
    );
    const step = async (name: string) => {
      const { steps } = await explain({}, { name });
      const { outcome, detail, configuration } =
        steps.find(({ operator }) => operator === 'transform') ?? assert.fail();
      return [outcome, detail, configuration?.pointer];
    };
    assert.deepEqual(await step('search_echo'), [
      'changes',
      'Rewrites the arguments and the result; Adds `_context`',
      '/servers/search/tools/echo/transform',
    ]);
    assert.deepEqual(await step('search_hang'), [
      'changes',
      'Rewrites the arguments; Adds `_context`',
      '/servers/search/transform',
    ]);
  });
});
