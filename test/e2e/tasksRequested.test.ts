import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {
  CallToolResultSchema,
  CreateTaskResultSchema,
  ElicitRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import assert from 'node:assert/strict';
import { startTaskServers, type TaskServers } from './tasks/startTaskServers.js';

const related = 'io.modelcontextprotocol/related-task';

interface Told {
  readonly taskId: string;
  readonly states: string[];
  readonly text: string | undefined;
}

describe('tasks of 2025-11-25, by the official client', function () {
  this.timeout(15_000);
  let servers: TaskServers;
  const clients: Client[] = [];
  const questions: unknown[] = [];

  const connect = async (): Promise<Client> => {
    const client = new Client({ name: 'test', version: '1' }, { capabilities: { elicitation: {} } });
    client.setRequestHandler(ElicitRequestSchema, ({ params }) => {
      questions.push(params);
      return { action: 'accept' as const, content: { name: 'Ada' } };
    });
    await client.connect(new StreamableHTTPClientTransport(new URL(servers.gateway.url)));
    await client.listTools();
    clients.push(client);
    return client;
  };
  /** Calls a tool as a task and follows it to its end. */
  const run = async (client: Client, name: string): Promise<Told> => {
    const states: string[] = [];
    let taskId = '';
    let text: string | undefined;
    const stream = client.experimental.tasks.callToolStream({ name, arguments: {} }, CallToolResultSchema, {
      task: { ttl: 60_000 },
    });
    for await (const message of stream) {
      if (message.type === 'taskCreated') ({ taskId } = message.task);
      if (message.type === 'taskStatus') states.push(message.task.status);
      if (message.type === 'result') text = (message.result.content[0] as { text: string }).text;
      if (message.type === 'error') throw message.error;
    }
    return { taskId, states, text };
  };
  const start = async (client: Client, name: string): Promise<string> => {
    const created = await client.request(
      { method: 'tools/call', params: { name, arguments: {}, task: { ttl: 60_000 } } },
      CreateTaskResultSchema,
    );
    return created.task.taskId;
  };

  before(async () => {
    servers = await startTaskServers();
  });
  beforeEach(() => questions.splice(0));
  afterEach(() => Promise.all(clients.splice(0).map((client) => client.close())));
  after(() => servers.close());

  it('declared, with the tools that the gateway makes tasks of', async () => {
    const client = await connect();
    const { tasks } = client.getServerCapabilities() ?? {};
    assert.deepEqual(tasks, { list: {}, cancel: {}, requests: { tools: { call: {} } } });
    const { tools } = await client.listTools();
    const support = (name: string) => tools.find((tool) => tool.name === name)?.execution?.taskSupport;
    assert.deepEqual(['r_report', 'l_plain', 'l_required_job', 'm_slow_compute'].map(support), [
      'optional',
      'optional',
      'required',
      undefined,
    ]);
  });

  it('passed on to a server, whose questions reach the client', async () => {
    const { taskId, text, states } = await run(await connect(), 'l_ask_job');
    assert.equal(text, 'accept {"name":"Ada"}');
    assert.ok(states.includes('input_required'));
    const [question] = questions as { message: string; _meta: Record<string, unknown> }[];
    assert.equal(question?.message, 'Who?');
    assert.deepEqual(question._meta[related], { taskId });
  });

  for (const name of ['r_report', 'l_plain', 'l_required_job'])
    it(`${name}: created, followed, its result fetched with the task's id`, async () => {
      const client = await connect();
      const { taskId, text } = await run(client, name);
      assert.ok(text !== undefined && taskId !== '');
      const again = await client.experimental.tasks.getTaskResult(taskId, CallToolResultSchema);
      assert.deepEqual(again._meta?.[related], { taskId });
    });

  it("a tool's own error makes a task failed", async () => {
    const client = await connect();
    const taskId = await start(client, 'l_failing_job');
    const result = await client.experimental.tasks.getTaskResult(taskId, CallToolResultSchema);
    assert.equal(result.isError, true);
    assert.equal((await client.experimental.tasks.getTask(taskId)).status, 'failed');
  });

  it('listed for the session that made them, with where they stand, and for no other', async () => {
    const [client, other] = [await connect(), await connect()];
    const passedOn = await start(client, 'l_required_job');
    const own = await start(client, 'r_report');
    await client.experimental.tasks.getTaskResult(passedOn, CallToolResultSchema);
    await client.experimental.tasks.getTaskResult(own, CallToolResultSchema);
    const { tasks } = await client.experimental.tasks.listTasks();
    assert.deepEqual(
      tasks.map(({ taskId, status }) => [taskId, status]),
      [
        [passedOn, 'completed'],
        [own, 'completed'],
      ],
    );
    assert.deepEqual((await other.experimental.tasks.listTasks()).tasks, []);
  });

  it('cancelled at the server, and at the REST service; not twice', async () => {
    const client = await connect();
    const passedOn = await start(client, 'l_endless_job');
    assert.equal((await client.experimental.tasks.cancelTask(passedOn)).status, 'cancelled');
    const left = servers.rest.abandoned();
    const own = await start(client, 'r_endless');
    assert.equal((await client.experimental.tasks.getTask(own)).status, 'working');
    assert.equal((await client.experimental.tasks.cancelTask(own)).status, 'cancelled');
    await left;
    assert.equal((await client.experimental.tasks.getTask(own)).status, 'cancelled');
    for (const id of [own, passedOn])
      await assert.rejects(client.experimental.tasks.cancelTask(id), { code: -32602 });
  });

  it('a tool of a modern server can not be asked for as a task, and is waited for where it must be one', async () => {
    const client = await connect();
    await assert.rejects(start(client, 'm_slow_compute'), { code: -32601 });
    const { content } = await client.callTool({ name: 'm_confirm_delete', arguments: { filename: 'x' } });
    assert.deepEqual(content, [{ type: 'text', text: 'deleted' }]);
    assert.equal(questions.length, 1);
  });

  it('waited for no longer when the client cancels: the server is told', async () => {
    const client = await connect();
    const leaving = new AbortController();
    const answer = client.callTool({ name: 'm_confirm_delete', arguments: { filename: 'y' } }, undefined, {
      signal: leaving.signal,
    });
    client.setRequestHandler(ElicitRequestSchema, () => {
      leaving.abort();
      return new Promise(() => undefined);
    });
    await assert.rejects(answer);
    const job = servers.modern.jobs.at(-1);
    assert.ok(job);
    if (job.status !== 'cancelled')
      await new Promise<void>((resolve) => {
        job.onChange(() => {
          if (job.status === 'cancelled') resolve();
        });
      });
  });

  it('unknown ids, however they come to be, are unknown tasks', async () => {
    const client = await connect();
    const id = await start(client, 'l_required_job');
    const altered = `${id.slice(0, -3)}AAA`;
    for (const taskId of [altered, 'task-0', 'nothing', `${id} `])
      await assert.rejects(client.experimental.tasks.getTask(taskId), { code: -32602 });
  });
});
