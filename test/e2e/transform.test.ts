import assert from 'node:assert/strict';
import { startService, type Service } from '../backends/rest/startService.js';
import { modernCall } from '../support/modern.js';
import { commonTools, text } from '../support/mcpTools.js';
import { sdkClients, type SdkClient } from '../support/sdkClients.js';
import { startGateway, type RunningGateway } from '../support/startGateway.js';
import { startMcpBackend, type McpBackend } from '../support/startMcpBackend.js';

const order = { id: 7, price: 12, ssn: 'canary-ssn', mail: 'ann@example.com' };
const tools = {
  ...commonTools,
  order: (call: Parameters<(typeof commonTools)['echo'] & object>[0]) =>
    call.reply({ content: [{ type: 'text', text: 'Ann, canary-ssn' }], structuredContent: order }),
  fails: (call: Parameters<(typeof commonTools)['echo'] & object>[0]) =>
    call.reply({ ...text('{"why":"no"}'), isError: true }),
};

describe('transform', function () {
  this.timeout(20_000);
  const lines: string[] = [];
  const write = (fields: unknown): void => void lines.push(JSON.stringify(fields));
  const log = { debug: write, info: write, warn: write, error: write };
  let backends: McpBackend[];
  let service: Service;
  let gateway: RunningGateway;
  const clients: SdkClient[] = [];

  before(async () => {
    backends = await Promise.all([
      startMcpBackend({ era: 'modern', tools }),
      startMcpBackend({ era: 'legacy', tools }),
    ]);
    service = await startService();
    const rules = (url = ''): string => `
    url: '${url}'
    transform:
      arguments: { patch: [{ op: add, path: /lang, value: en }] }
    tools:
      order:
        transform:
          result:
            jsonata: '$ ~> | $ | { "price": price * 2, "for": $context.client_id, "asked": $arguments.n }, ["ssn"] |'
      fails: { transform: { result: { jsonata: '{ "said": why }' }, tool_errors: true } }
      hang: { transform: { arguments: { jsonata: '($f := function($x) { $f($x + 1) }; $f(1))' } } }
      large: { transform: { result: { jsonata: '$length($)' } } }
      slow: { transform: { arguments: { jsonata: '$error(secret)' } } }`;
    gateway = await startGateway(
      `  modern: ${rules(backends[0]?.url)}
  legacy: ${rules(backends[1]?.url)}
  rest:
    type: rest
    url: ${service.url}
    transform: { context: false, arguments: { jsonata: '{ "q": $uppercase(q) }' } }
    tools: { find: { path: '/find' }, post: { path: '/post', method: POST, transform: { context: true } } }
transform: { context: true }
redact: { rules: [{ detect: [email], direction: results }, { paths: [$.hidden], direction: arguments }] }`,
      {},
      log,
    );
    for (const connect of Object.values(sdkClients)) clients.push(await connect(gateway.url));
  });
  after(async () => {
    await Promise.all(clients.map((client) => client.close()));
    await gateway.close();
    await Promise.all([...backends.map((backend) => backend.close()), service.close()]);
  });

  for (const server of ['modern', 'legacy'])
    for (const era of ['legacy', 'modern'] as const)
      describe(`from a ${era} client to a ${server} server`, () => {
        const call = async (tool: string, args?: Record<string, unknown>) => {
          const client = clients.find((each) => each.era === era) ?? assert.fail();
          return client.callTool(`${server}_${tool}`, args);
        };

        it('adds what is configured and who calls to arguments, the log has the same trace', async () => {
          const { content } = await call('echo', { n: 1, hidden: 'x', _context: { client_id: 'admin' } });
          const { _context: context, ...args } = JSON.parse(content[0]?.text ?? '') as Record<
            string,
            Record<string, string>
          >;
          assert.deepEqual(args, { n: 1, hidden: '[redacted:rule 2]', lang: 'en' });
          assert.deepEqual(Object.keys(context ?? {}), ['client_id', 'timestamp', 'trace_id']);
          assert.equal(context?.['client_id'], 'anonymous');
          assert.ok(Math.abs(Date.parse(context['timestamp'] ?? '') - Date.now()) < 60_000);
          assert.ok(lines.some((line) => line.includes(`"trace_id":"${context['trace_id'] ?? ''}"`)));
        });

        it('rewrites structured content, leaves no text of before, and is redacted afterwards', async () => {
          const { structuredContent, content } = await call('order', { n: 3 });
          const expected = { id: 7, price: 24, mail: '[redacted:email]', for: 'anonymous', asked: 3 };
          assert.deepEqual(structuredContent, expected);
          assert.deepEqual(
            content.map((block) => JSON.parse(block.text ?? '') as unknown),
            [expected],
          );
        });

        it("rewrites a tool's own errors where that is wanted", async () => {
          const { isError, content } = await call('fails');
          assert.deepEqual([isError, content], [true, [{ type: 'text', text: '{"said":"no"}' }]]);
        });

        it('rewrites a text of some megabytes', async () => {
          const { content } = await call('large', { bytes: 3_000_000 });
          assert.deepEqual(content, [{ type: 'text', text: '3000000' }]);
        });
      });

  it('ends a rule that goes on for ever, and goes on itself', async () => {
    const calls = backends[0]?.calls;
    const { error } = await modernCall(gateway.port, 'modern_hang');
    assert.equal(error?.code, -32603);
    assert.match(error.message, /^A rule of this gateway/);
    assert.equal(backends[0]?.calls, calls, 'nothing was sent');
    assert.equal((await modernCall(gateway.port, 'modern_echo')).error, undefined);
    const line = lines.find((each) => each.includes('ERR_TRANSFORM_FAILED')) ?? '';
    assert.match(line, /servers\.modern\.tools\.hang\.transform\.arguments: .*longer than/);
  });

  it('tells neither client nor log what was in the arguments of a call that it refuses', async () => {
    const answer = await modernCall(gateway.port, 'modern_slow', { secret: 'canary-argument' });
    assert.equal(answer.error?.code, -32603);
    assert.doesNotMatch(JSON.stringify(answer) + lines.join(), /canary-argument/);
    const metrics = await (await fetch(`${gateway.adminUrl}/metrics`)).text();
    assert.match(metrics, /stage_refused_total\{stage="transform",error="ERR_TRANSFORM_FAILED"\} \d/);
  });

  it('rewrites what goes to a REST service', async () => {
    await modernCall(gateway.port, 'rest_find', { q: 'shoes' });
    await modernCall(gateway.port, 'rest_post', { q: 'shoes' });
    assert.equal(service.seen.at(-2)?.url, '/find?q=SHOES');
    const { q, _context: context } = JSON.parse(service.seen.at(-1)?.body ?? '') as Record<string, unknown>;
    assert.equal(q, 'SHOES');
    assert.ok(typeof context === 'object');
  });
});
