import assert from 'node:assert/strict';
import { join, resolve } from 'node:path';
import { schema } from '../../src/config/schema.js';
import type { RestServerSettings, ServerSettings } from '../../src/config/settings.js';
import { data, here, load } from './data/read.js';

/** The only server of a document, under the name `a`. */
const server = (yaml: string, env = {}): ServerSettings => {
  const [found] = load(`servers:\n  a: ${yaml}`, env).servers;
  assert.ok(found);
  return found;
};

describe('config: documents that are accepted', () => {
  it('servers as operators write them already', () => {
    const { servers } = load(data('servers.yaml'));
    assert.deepEqual(
      servers.map(({ name, type, capabilities }) => [name, type, capabilities]),
      [
        ['database', 'mcp', ['tools']],
        ['search', 'mcp', ['tools', 'resources']],
        ['filesystem', 'mcp', ['tools', 'resources']],
      ],
    );
    assert.deepEqual(servers[0]?.type === 'mcp' && servers[0].urls, ['http://mcp-db:3000/mcp']);
    assert.deepEqual(servers[0]?.rateLimit, {
      name: 'servers.database.rate_limit',
      by: 'user',
      kind: 'bucket',
      max: 100,
      windowMs: 60_000,
    });
  });

  it('primary, fallback and strategy', () => {
    const [database] = load(data('failover.yaml')).servers;
    assert.ok(database?.type === 'mcp');
    assert.equal(database.strategy, 'failover');
    assert.deepEqual(
      database.urls,
      [1, 2, 3].map((n) => `http://mcp-db-${n}:3000/mcp`),
    );
  });

  it('rules for redaction, with their defaults', () => {
    assert.equal(load('redact: { rules: [] }').redact, undefined);
    const { redact } = load(`redact:
  key: ${'ab'.repeat(32)}
  rules:
    - { detect: [email] }
    - { name: pay, paths: [$.salary], action: drop, direction: results, tools: [hr_*] }`);
    assert.ok(redact);
    assert.deepEqual(redact.key?.reveal(), Buffer.from('ab'.repeat(32), 'hex'));
    assert.equal(redact.holdMs, 250);
    const byDefault = { patterns: [], keepLast: 0 };
    assert.deepEqual(redact.rules, [
      { ...byDefault, name: 'rule 1', detect: ['email'], paths: [], action: 'mask', direction: 'both' },
      {
        ...byDefault,
        name: 'pay',
        detect: [],
        paths: ['$.salary'],
        action: 'drop',
        direction: 'results',
        tools: ['hr_*'],
      },
    ]);
  });

  it('tenants, policies, cache, limits and blocked tools', () => {
    const settings = load(data('access.yaml'));
    assert.deepEqual(settings.blockedTools, ['eval', 'shell_execute', 'file_delete', 'sql_execute']);
    assert.deepEqual(settings.servers, []);
    assert.deepEqual(settings.limits, [
      {
        name: 'limits.database',
        by: 'client',
        kind: 'bucket',
        max: 20,
        windowMs: 12_000,
        either: 'database',
      },
      {
        name: 'limits.expensive-ops',
        by: 'user',
        kind: 'bucket',
        max: 2,
        windowMs: 12_000,
        either: 'expensive-ops',
      },
    ]);
    assert.deepEqual(settings.cache, {
      store: 'memory',
      maxBytes: 64 * 1024 ** 2,
      maxAnswerBytes: 1024 ** 2,
      calls: { 'resources/read': { ttlMs: 300_000, scope: 'private', vary: ['uri'] } },
      lists: { 'tools/list': 60_000, 'prompts/list': 60_000 },
    });
    assert.deepEqual(settings.access?.tenants?.[0]?.quotas, [
      {
        name: 'tenants.acme-corp.quotas.requests_per_day',
        by: 'tenant',
        kind: 'quota',
        max: 10_000,
        windowMs: 86_400_000,
      },
    ]);
  });

  it('our own keys, all of them', () => {
    const settings = load(data('ours.yaml'), { ORDERS_TOKEN: 'tok' }, here);
    const [orders, petstore, search, files] = settings.servers;
    assert.ok(orders?.type === 'rest' && petstore?.type === 'rest');
    assert.deepEqual(orders, {
      name: 'orders',
      type: 'rest',
      prefix: 'orders',
      timeoutMs: 10_000,
      listTimeoutMs: 3000,
      exclude: [],
      strategy: 'round-robin',
      headers: { authorization: 'Bearer tok' },
      urls: ['http://127.0.0.1:9101'],
      tools: [
        {
          name: 'get',
          description: 'Get an order by its id',
          method: 'GET',
          path: '/orders/{id}',
          inputSchema: { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] },
          annotations: { readOnlyHint: true },
          streaming: false,
        },
        {
          name: 'export',
          description: 'All orders, row by row',
          method: 'GET',
          path: '/export',
          inputSchema: { type: 'object' },
          streaming: true,
        },
      ],
    } satisfies RestServerSettings);
    assert.equal(petstore.openapi, join(here, 'petstore.yaml'));
    assert.deepEqual(petstore.urls, []);
    assert.deepEqual(petstore.include, ['getPetById', 'findPetsByStatus']);
    assert.ok(search?.type === 'mcp');
    assert.deepEqual(search.urls, ['http://127.0.0.1:9102/mcp']);
    assert.ok(files?.type === 'stdio');
    assert.equal(files.cwd, resolve(here));
    assert.deepEqual(files.args, ['-y', '@modelcontextprotocol/server-filesystem', './data']);
    assert.deepEqual(settings.namespaces, [
      {
        name: 'support',
        servers: ['orders', 'search'],
        allowed: ['orders_*'],
        denied: ['orders_delete'],
        prefixed: true,
      },
    ]);
  });

  it('nothing but a server: every default', () => {
    const { servers, ...rest } = load('servers: { a: { url: http://h } }');
    assert.deepEqual(servers[0], {
      name: 'a',
      type: 'mcp',
      prefix: 'a',
      timeoutMs: 30_000,
      listTimeoutMs: 3000,
      exclude: [],
      strategy: 'round-robin',
      headers: {},
      urls: ['http://h/mcp'],
      protocol: 'auto',
    });
    assert.deepEqual(rest, {
      listen: { host: '127.0.0.1', port: 8080, path: '/mcp' },
      admin: {
        host: '127.0.0.1',
        port: 8081,
        keys: [],
        sessionTtlMs: 43_200_000,
        sessionIdleMs: 3_600_000,
        recentCalls: 5000,
      },
      workers: 1,
      files: [],
      naming: { separator: '_' },
      namespaces: [],
      blockedTools: [],
      state: { keys: [], ttlMs: 300_000 },
      tasks: { ttlMs: 3_600_000, max: 10_000, maxRunning: 1000, pollMs: 1000 },
      streams: {
        perClient: 10_000,
        perSession: 1000,
        perServer: 5000,
        listen: 1024,
        resources: 1000,
        resourcesPerClient: 5000,
        resourcesPerServer: 10_000,
        asks: 64,
        parked: 10_000,
      },
      buffers: {
        bodiesBytes: 256 * 1024 ** 2,
        sessionEventsBytes: 4 * 1024 ** 2,
        eventsBytes: 128 * 1024 ** 2,
        awayBytes: 2 * 1024 ** 2,
        webSocketBytes: 64 * 1024,
        backendMessageBytes: 16 * 1024 ** 2,
      },
      sessions: { ttlMs: 1_800_000, max: 10_000 },
      telemetry: {
        otlp: {
          urls: {
            traces: 'http://localhost:4318/v1/traces',
            metrics: 'http://localhost:4318/v1/metrics',
            logs: 'http://localhost:4318/v1/logs',
          },
          headers: {},
          encoding: 'protobuf',
          isCompressed: false,
          timeoutMs: 10_000,
          everyMs: 1000,
          resource: { 'service.name': 'sluice' },
        },
        traces: undefined,
        metrics: { maxTools: 200, everyMs: undefined },
      },
      transports: {
        webSocket: { enabled: true },
        legacySse: { enabled: true, path: '/sse', messagesPath: '/messages' },
        maxCallsPerConnection: 256,
      },
      network: { private: 'origin', allowed: [], denied: [] },
      http: {
        maxBodyBytes: 4_194_304,
        maxDepth: 64,
        maxBatch: 50,
        heartbeatMs: 15_000,
        slowClientTimeoutMs: 30_000,
        requestTimeoutMs: 30_000,
        maxConnections: 10_000,
        trustedProxies: [],
        allowedOrigins: [],
        allowedHosts: [],
      },
      pageSize: 250,
      maxCallMs: 600_000,
      cluster: {},
      drainDelayMs: 0,
      drainTimeoutMs: 10_000,
      log: { level: 'info', format: 'auto' },
      inactive: [],
      integrity: { newcomers: 'hold', suspicious: 'report' },
      notes: [],
    });
  });

  it('the defaults that are documented are the real ones', () => {
    const plain = load('{}');
    for (const [section, part] of Object.entries(schema.properties)) {
      const own = (part as { default?: unknown }).default;
      if (own !== undefined) assert.deepEqual(load(`${section}: ${JSON.stringify(own)}`), plain, section);
      const { properties = {}, required = [] } = part as {
        properties?: Record<string, { default?: unknown }>;
        required?: readonly string[];
      };
      // Where a section can't be without something, that is written in both: addresses, and some way to say who one is.
      const needed = {
        ...Object.fromEntries((section === 'opa' ? ['url'] : required).map((key) => [key, 'http://h'])),
        ...(section === 'cache' && { 'tools/list': { ttl: 1 } }),
        ...(section === 'auth' && { api_keys: { file: 'keys.yaml' } }),
        ...(section === 'audit' && { file: 'audit.ndjson', http: { url: 'http://h' } }),
      };
      const least = Object.keys(needed).length === 0 ? plain : load(JSON.stringify({ [section]: needed }));
      for (const [key, { default: written }] of Object.entries(properties))
        if (written !== undefined)
          assert.deepEqual(
            load(JSON.stringify({ [section]: { ...needed, [key]: written } })),
            least,
            `${section}.${key}`,
          );
    }
  });

  const urls: [string, string][] = [
    ['{ url: http://h }', 'http://h/mcp'],
    ['{ url: "http://h:1?tenant=x" }', 'http://h:1/mcp?tenant=x'],
    ['{ url: http://h/ }', 'http://h/'],
    ['{ url: http://h/other/mcp }', 'http://h/other/mcp'],
    ['{ url: HTTP://H }', 'http://h/mcp'],
    ['{ url: http://h, protocol: sse }', 'http://h/sse'],
    ['{ url: http://h/events, protocol: sse }', 'http://h/events'],
    ['{ type: rest, url: http://h, tools: { t: { path: /x } } }', 'http://h'],
    ['{ type: rest, url: http://h/api/v1/, tools: { t: { path: /x } } }', 'http://h/api/v1'],
  ];
  for (const [yaml, expected] of urls)
    it(`the address of ${yaml}`, () => {
      const found = server(yaml);
      assert.deepEqual(found.type !== 'stdio' && found.urls, [expected]);
    });

  it('times of a server and a tool take precedence over the general ones', () => {
    const { servers } = load(`
timeouts: { call: 5s, list: 1s, max_call: 1h }
servers:
  a: { url: http://h }
  b: { url: http://h, timeout: 7, list_timeout: 200ms }`);
    assert.deepEqual(
      servers.map(({ timeoutMs, listTimeoutMs }) => [timeoutMs, listTimeoutMs]),
      [
        [5000, 1000],
        [7000, 200],
      ],
    );
  });

  it('addresses with weights, plain ones among them', () => {
    const found = server('{ urls: [{ url: http://h, weight: 3 }, http://i] }');
    assert.ok(found.type === 'mcp');
    assert.equal(found.strategy, 'weighted');
    assert.deepEqual(found.urls, ['http://h/mcp', 'http://i/mcp']);
    assert.deepEqual(found.balancing?.weights, [3, 1]);
  });

  it('addresses from DNS: one URL, breakers and pings; SRV records have weights', () => {
    const [plain, srv] = [
      server('{ url: http://h, dns: {} }'),
      server(
        '{ url: http://h, dns: { srv: _a._tcp.h., family: all, resolvers: ["::1", "1.1.1.1:53", "[::1]:5353"], min_ttl: 1s, max_ttl: 1m, empty_after: 2s } }',
      ),
    ];
    assert.ok(plain.type === 'mcp' && srv.type === 'mcp');
    assert.deepEqual(plain.dns, {
      family: 'auto',
      resolvers: [],
      minTtlMs: 5000,
      maxTtlMs: 300_000,
      emptyAfterMs: 30_000,
    });
    assert.equal(plain.strategy, 'round-robin');
    assert.ok(plain.balancing?.breaker !== undefined && plain.balancing.healthCheck !== undefined);
    assert.deepEqual(srv.dns, {
      srv: '_a._tcp.h.',
      family: 'all',
      resolvers: ['::1', '1.1.1.1:53', '[::1]:5353'],
      minTtlMs: 1000,
      maxTtlMs: 60_000,
      emptyAfterMs: 2000,
    });
    assert.equal(srv.strategy, 'weighted');
  });

  it('several instances have breakers and pings by default, one has neither', () => {
    const [one, several] = [server('{ url: http://h }'), server('{ urls: [http://h, http://i] }')];
    assert.ok(one.type === 'mcp' && several.type === 'mcp');
    assert.equal(one.balancing, undefined);
    assert.deepEqual(several.balancing, {
      weights: [],
      stickyBy: 'session',
      breaker: {
        failures: 5,
        failureRate: 0.5,
        minCalls: 20,
        windowMs: 10_000,
        cooldownMs: 5000,
        maxCooldownMs: 60_000,
        slowFactor: 5,
      },
      healthCheck: {
        kind: 'mcp',
        path: '/',
        intervalMs: 5000,
        timeoutMs: 2000,
        unhealthyAfter: 2,
        healthyAfter: 2,
        degradedMs: undefined,
      },
      retry: {
        attempts: undefined,
        attemptTimeoutMs: undefined,
        unsafe: false,
        budget: { share: 0.2, perSecond: 10 },
      },
    });
  });

  it('breakers, pings and retries as they are written, or switched off', () => {
    const written = server(`{
      type: rest, url: http://h, tools: { t: { path: /t } }, strategy: sticky, sticky_by: client,
      circuit_breaker: { failures: 2, failure_rate: 0.1, min_calls: 3, window: 4s, cooldown: 5s, max_cooldown: 1s, slow_factor: 0 },
      health_check: { path: /up, interval: 1s, timeout: 200ms, unhealthy_after: 5, healthy_after: 1, degraded_above: 100ms },
      retry: { attempts: 4, attempt_timeout: 2s, unsafe: true },
      retry_budget: { share: 0, per_second: 1 } }`);
    assert.ok(written.type === 'rest');
    assert.deepEqual(written.balancing, {
      weights: [],
      stickyBy: 'client',
      breaker: {
        failures: 2,
        failureRate: 0.1,
        minCalls: 3,
        windowMs: 4000,
        cooldownMs: 5000,
        maxCooldownMs: 5000,
        slowFactor: undefined,
      },
      healthCheck: {
        kind: 'http',
        path: '/up',
        intervalMs: 1000,
        timeoutMs: 200,
        unhealthyAfter: 5,
        healthyAfter: 1,
        degradedMs: 100,
      },
      retry: { attempts: 4, attemptTimeoutMs: 2000, unsafe: true, budget: { share: 0, perSecond: 1 } },
    });
    const off = server(
      '{ urls: [http://h, http://i], circuit_breaker: { enabled: false }, health_check: { enabled: false } }',
    );
    assert.ok(off.type === 'mcp');
    assert.equal(off.balancing?.breaker, undefined);
    assert.equal(off.balancing?.healthCheck, undefined);
  });

  it('arguments in a path need no input_schema', () => {
    const found = server(
      '{ type: rest, url: http://h, tools: { t: { path: "/x/{a}/y/{b}/{a}", method: PUT } } }',
    );
    assert.ok(found.type === 'rest');
    assert.deepEqual(found.tools[0]?.inputSchema, {
      type: 'object',
      properties: { a: { type: 'string' }, b: { type: 'string' } },
      required: ['a', 'b'],
    });
  });

  it('header names lose their case, values keep it', () => {
    const found = server('{ url: http://h, headers: { X-Api-Key: AbC } }');
    assert.deepEqual(found.type !== 'stdio' && found.headers, { 'x-api-key': 'AbC' });
  });

  it('a route with one server shows names without prefix, unless told to', () => {
    const { namespaces } = load(`
servers: { a: { url: http://h }, b: { url: http://h } }
namespaces:
  one: { servers: [a] }
  kept: { servers: [a], prefixed: true }
  two: { servers: [a, b] }
  bare: { servers: [a, b], prefixed: false }`);
    assert.deepEqual(
      namespaces.map(({ name, prefixed }) => [name, prefixed]),
      [
        ['one', false],
        ['kept', true],
        ['two', true],
        ['bare', false],
      ],
    );
  });

  it('stdio: environment, folder and arguments', () => {
    const found = server(
      '{ type: stdio, command: run, args: ["--key=${KEY}"], env: { K: "${KEY}", N: "${N:-5}" }, cwd: ../data }',
      { KEY: 's3cret' },
    );
    assert.ok(found.type === 'stdio');
    assert.deepEqual(found.args, ['--key=s3cret']);
    assert.deepEqual(found.env, { K: 's3cret', N: '5' });
    assert.equal(found.cwd, '/etc/data');
  });

  it('aliases repeat what they name', () => {
    const { servers } = load(`
servers:
  a: { url: http://h, headers: &shared { x-a: "1" } }
  b: { url: http://i, headers: *shared }`);
    assert.deepEqual(
      servers.map((found) => found.type !== 'stdio' && found.headers),
      [{ 'x-a': '1' }, { 'x-a': '1' }],
    );
  });

  it('servers without a prefix are noted from the second on', () => {
    const { notes } = load(
      'servers:\n  a: { url: http://h, prefix: "" }\n  b: { url: http://i, prefix: "" }',
    );
    assert.deepEqual(notes, [
      {
        path: 'servers.b.prefix',
        line: 3,
        column: 23,
        message: 'like `a`, this server has no prefix: of tools with the same name, one is renamed',
      },
    ]);
  });
});
