import { resultFromTaskOutcome } from '@modelcontextprotocol/ext-tasks/client';
import assert from 'node:assert/strict';
import { startTaskServers, type TaskServers } from './tasks/startTaskServers.js';
import { taskSession, type TaskClient } from './tasks/taskSession.js';

const textOf = (value: unknown): string | undefined =>
  (value as { content?: { text?: string }[] }).content?.[0]?.text;

describe('tasks, by the official tasks client', function () {
  this.timeout(15_000);
  let servers: TaskServers;
  let client: TaskClient | undefined;

  before(async () => {
    servers = await startTaskServers();
  });
  afterEach(() => client?.close());
  after(() => servers.close());

  interface Case {
    readonly name: string;
    readonly form: '2025' | '2026';
    readonly tool: string;
    readonly args?: Record<string, string | number>;
    readonly kind: 'task' | 'immediate';
    readonly text: string;
    readonly asks?: number;
  }
  const cases: readonly Case[] = [
    {
      name: 'a task of a modern server',
      form: '2026',
      tool: 'm_slow_compute',
      args: { seconds: 0.2 },
      kind: 'task',
      text: 'computed for 0.2 s',
    },
    {
      name: 'a task of a modern server that asks',
      form: '2026',
      tool: 'm_confirm_delete',
      args: { filename: 'x' },
      kind: 'task',
      text: 'deleted',
      asks: 1,
    },
    {
      name: 'a task of a modern server that asks twice at once',
      form: '2026',
      tool: 'm_multi_input',
      kind: 'task',
      text: '["accept","accept"]',
      asks: 2,
    },
    {
      name: 'a tool that is no task',
      form: '2026',
      tool: 'm_greet',
      args: { name: 'Ada' },
      kind: 'immediate',
      text: 'Hello, Ada!',
    },
    {
      name: 'a tool that must be a task, of a legacy server',
      form: '2026',
      tool: 'l_required_job',
      args: { value: 'x' },
      kind: 'task',
      text: 'done x',
    },
    {
      name: 'a tool that may be a task, of a legacy server',
      form: '2026',
      tool: 'l_optional_job',
      args: { value: 'x' },
      kind: 'task',
      text: 'done x',
    },
    {
      name: 'a task of a legacy server that asks',
      form: '2026',
      tool: 'l_ask_job',
      kind: 'task',
      text: 'accept {"name":"Ada","confirm":true}',
      asks: 1,
    },
    { name: "a REST service's tool", form: '2026', tool: 'r_report', kind: 'task', text: '{"rows":3}' },
    {
      name: 'a task of a legacy server',
      form: '2025',
      tool: 'l_required_job',
      args: { value: 'y' },
      kind: 'task',
      text: 'done y',
    },
    { name: "a REST service's tool", form: '2025', tool: 'r_report', kind: 'task', text: '{"rows":3}' },
    {
      name: 'a modern server that would make it a task: it is waited for',
      form: '2025',
      tool: 'm_confirm_delete',
      args: { filename: 'z' },
      kind: 'immediate',
      text: 'deleted',
      asks: 1,
    },
    {
      name: 'a tool of a legacy server that the configuration makes a task',
      form: '2025',
      tool: 'l_plain',
      kind: 'task',
      text: 'plain',
    },
  ];
  for (const { name, form, tool, args = {}, kind, text, asks = 0 } of cases)
    it(`${form}: ${name}`, async () => {
      client = await taskSession(servers.gateway.url, form);
      const execution = await client.session.callTool(tool, args, { task: { preference: 'prefer' } });
      assert.equal(execution.kind, kind);
      const { outcome } = await execution.settle();
      assert.equal(textOf(resultFromTaskOutcome(outcome)), text);
      assert.equal(client.questions.length, asks);
    });
});
