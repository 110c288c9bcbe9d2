import assert from 'node:assert/strict';
import { ask } from '../support/ask.js';
import { responseOf, type SeenMessage } from '../support/messagesOf.js';
import { modernRequest } from '../support/modern.js';
import { openRaw, type RawConnection } from '../support/openRaw.js';
import { requestBytes } from '../support/requestBytes.js';
import { startTaskServers, type TaskServers } from './tasks/startTaskServers.js';

const extension = 'io.modelcontextprotocol/tasks';
const taking = { elicitation: {}, extensions: { [extension]: {} } };
const capabilitiesKey = 'io.modelcontextprotocol/clientCapabilities';

type Result = Record<string, unknown>;

describe('tasks of the 2026 extension, on the wire', function () {
  this.timeout(15_000);
  let servers: TaskServers;
  const open: RawConnection[] = [];

  const say = async (
    method: string,
    params: Result = {},
    capabilities: Result = taking,
    port = servers.gateway.port,
  ): Promise<SeenMessage> =>
    responseOf(
      await ask(port, modernRequest(method, params, { meta: { [capabilitiesKey]: capabilities } }), 10_000),
    );
  const resultOf = async (...asked: Parameters<typeof say>): Promise<Result> => {
    const { result, error } = await say(...asked);
    assert.ok(result, JSON.stringify(error));
    return result;
  };
  const call = (name: string, capabilities?: Result) =>
    resultOf('tools/call', { name, arguments: {} }, capabilities);
  const listen = async (taskIds: readonly string[]): Promise<RawConnection> => {
    const connection = await openRaw(servers.gateway.port);
    open.push(connection);
    const asked = modernRequest(
      'subscriptions/listen',
      { notifications: { taskIds } },
      { id: 'L', meta: { [capabilitiesKey]: taking } },
    );
    connection.write(requestBytes(servers.gateway.port, asked));
    return connection;
  };

  before(async () => {
    servers = await startTaskServers({ tasks: { maxRunning: 3, pollMs: 50 } });
  });
  afterEach(() => open.splice(0).forEach((connection) => connection.destroy()));
  after(() => servers.close());

  it('nobody who has not declared the extension gets a task, or may ask for one', async () => {
    for (const tool of ['r_report', 'l_plain', 'l_required_job'])
      assert.equal((await call(tool, {}))['resultType'], 'complete', tool);
    for (const method of ['tasks/get', 'tasks/update', 'tasks/cancel']) {
      const { error } = await say(method, { taskId: 'x', inputResponses: {} }, {});
      assert.equal(error?.code, -32021, method);
      assert.deepEqual(error.data, { requiredCapabilities: { extensions: { [extension]: {} } } });
    }
    const { error } = await say('subscriptions/listen', { notifications: { taskIds: ['x'] } }, {});
    assert.equal(error?.code, -32021);
  });

  it("a task of the gateway's own: created, told, ended, its result inlined", async () => {
    const created = await call('r_report');
    const { taskId, ...rest } = created;
    assert.equal(rest['resultType'], 'task');
    assert.equal(rest['status'], 'working');
    assert.deepEqual([rest['ttlMs'], rest['pollIntervalMs']], [3_600_000, 50]);
    const connection = await listen([String(taskId)]);
    const told = await connection.seen('"completed"');
    assert.match(told, /notifications\/subscriptions\/acknowledged.*"taskIds":\["task-/);
    assert.match(told, /"method":"notifications\/tasks".*subscriptionId":"L"/);
    const { status, result } = await resultOf('tasks/get', { taskId });
    assert.equal(status, 'completed');
    assert.deepEqual((result as Result)['structuredContent'], { rows: 3 });
  });

  it("a server's own: told until its end by the id that the client knows", async () => {
    const { taskId } = await resultOf('tools/call', { name: 'm_slow_compute', arguments: { seconds: 0.3 } });
    const connection = await listen([String(taskId), 'made-up']);
    const told = await connection.seen('"completed"');
    assert.ok(told.includes(`"taskIds":["${String(taskId)}"]`), 'what is unknown is left out');
    assert.ok(!told.includes(servers.modern.jobs.at(-1)?.taskId ?? 'none'), "the server's id is its own");
  });

  it('cancelled at the backend, as often as one likes', async () => {
    const left = servers.rest.abandoned();
    const { taskId } = await call('r_endless');
    for (let i = 0; i < 2; i++)
      assert.deepEqual(Object.keys(await resultOf('tasks/cancel', { taskId })), ['resultType', '_meta']);
    await left;
    assert.equal((await resultOf('tasks/get', { taskId }))['status'], 'cancelled');
  });

  it('a question of the backend waits in the task, and is answered once', async () => {
    const { taskId } = await call('l_ask_job');
    const connection = await listen([String(taskId)]);
    await connection.seen('"input_required"');
    const { inputRequests } = await resultOf('tasks/get', { taskId });
    const [key = '', request] = Object.entries(inputRequests as Result)[0] ?? [];
    assert.equal((request as Result)['method'], 'elicitation/create');
    const answer = { [key]: { action: 'accept', content: { name: 'Ada' } }, other: { action: 'decline' } };
    await resultOf('tasks/update', { taskId, inputResponses: answer });
    await connection.seen('"completed"');
    const { result } = await resultOf('tasks/get', { taskId });
    assert.deepEqual((result as Result)['content'], [{ type: 'text', text: 'accept {"name":"Ada"}' }]);
  });

  it('no more at once than the configuration allows', async () => {
    const started = await Promise.all([1, 2, 3].map(() => call('r_endless')));
    const { error } = await say('tools/call', { name: 'r_endless', arguments: {} });
    assert.deepEqual([error?.code, error?.message], [-32603, 'There are 3 tasks running already']);
    for (const { taskId } of started) await resultOf('tasks/cancel', { taskId });
    const { taskId } = await call('r_endless');
    await resultOf('tasks/cancel', { taskId });
  });

  it('arguments are checked before anything begins, and malformed requests refused', async () => {
    const wrong = await resultOf('tools/call', { name: 'm_greet', arguments: { name: 7 } });
    assert.equal(wrong['isError'], true);
    for (const params of [{}, { taskId: 7 }, { taskId: '' }])
      assert.equal((await say('tasks/get', params)).error?.code, -32602);
    for (const inputResponses of [7, { k: 7 }])
      assert.equal((await say('tasks/update', { taskId: 'x', inputResponses })).error?.code, -32602);
  });
});
