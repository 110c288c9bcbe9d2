import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ElicitRequestSchema, LoggingMessageNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import type { Log } from '../../src/streams/log.js';
import type { Received, ScriptedServer } from '../backends/mcp/scriptedServer.js';
import { startService, type Service } from '../backends/rest/startService.js';
import { startTasksServer } from '../fixtures/tasksServer/startTasksServer.js';
import { ask } from '../support/ask.js';
import { eventually } from '../support/eventually.js';
import { responseOf } from '../support/messagesOf.js';
import { modernCall, modernRequest } from '../support/modern.js';
import { startGateway, type RunningGateway } from '../support/startGateway.js';
import { leakyServer, mail } from './redaction/leakyServer.js';

const canaries = /ann\.o|mail\.example|4111|1111|70000/;
const masked = '[redacted:email] pays with [redacted:card]';

/** A client of the official SDK, which can be asked for a mail address and gives one, and what it was told on the way. */
const sdkClient = async (gateway: RunningGateway) => {
  const client = new Client({ name: 'test', version: '1' }, { capabilities: { elicitation: {} } });
  const asked: unknown[] = [];
  const logged: unknown[] = [];
  client.setRequestHandler(ElicitRequestSchema, ({ params }) => {
    asked.push(params);
    return { action: 'accept', content: { reply: mail } };
  });
  client.setNotificationHandler(
    LoggingMessageNotificationSchema,
    ({ params }) => void logged.push(params.data),
  );
  await client.connect(new StreamableHTTPClientTransport(new URL(gateway.url)));
  return { client, asked, logged };
};

type Session = Awaited<ReturnType<typeof sdkClient>>;

describe('redaction', function () {
  this.timeout(20_000);

  for (const era of ['legacy', 'modern'] as const)
    describe(`of what goes to and comes from a ${era} server`, () => {
      const lines: string[] = [];
      const write = (fields: unknown, message: string): void =>
        void lines.push(
          JSON.stringify([fields, message], (_key, value: unknown) =>
            value instanceof Error ? value.message : value,
          ),
        );
      const log: Log = { debug: write, info: write, warn: write, error: write };
      let server: ScriptedServer;
      let gateway: RunningGateway;
      let session: Session;

      before(async () => {
        server = await leakyServer(era);
        gateway = await startGateway(
          `  s: { url: "${server.url}", tools: { later: { task: true } } }
redact:
  hold: 10s
  rules:
    - { name: people, detect: [email, card] }
    - { name: pay, paths: [$.salary], tools: [tells, s_later], direction: results }
    - { name: no keys, detect: [secret], action: refuse }`,
          {},
          log,
        );
        session = await sdkClient(gateway);
      });
      after(async () => {
        await session.client.close();
        await gateway.close();
        await server.close();
      });

      /** The last request of a method that the server was sent. */
      const sent = (method: string): Received => {
        const found = server.received.findLast(({ body }) => body.method === method);
        assert.ok(found, `the server was not sent ${method}`);
        return found;
      };

      it('takes out of arguments before anything is sent, headers included', async () => {
        await session.client.listTools();
        await session.client.callTool({
          name: 's_tells',
          arguments: { region: mail, deep: [{ json: `{"who":"${mail}"}` }], n: 4111111111111111 },
          _meta: { vendor: mail },
        });
        const { body, rawHeaders } = sent('tools/call');
        assert.deepEqual(body.params?.['arguments'], {
          region: '[redacted:email]',
          deep: [{ json: '{"who":"[redacted:email]"}' }],
          n: 0,
        });
        assert.doesNotMatch(JSON.stringify([body, rawHeaders]), canaries);
      });

      it('takes out of all parts of a result, which goes on to fit its schema', async () => {
        await session.client.listTools(); // from here on the client checks results against their schemas
        const result = await session.client.callTool({ name: 's_tells', arguments: {} });
        const structured = { mail: '[redacted:email]', salary: 0, ok: true };
        assert.deepEqual(result.structuredContent, structured);
        assert.deepEqual(result.content, [
          { type: 'text', text: masked },
          { type: 'text', text: JSON.stringify(structured) },
          { type: 'resource', resource: { uri: 'crm://1', mimeType: 'text/plain', text: masked } },
        ]);
      });

      it('does so for clients of the other era too', async () => {
        const { result } = await modernCall(gateway.port, 's_tells');
        assert.doesNotMatch(JSON.stringify(result), canaries);
        assert.match(JSON.stringify(result), /redacted:email/);
      });

      it('takes out of baggage that came in headers, and refuses what is refused there', async () => {
        const params = { name: 's_other', arguments: {} };
        const call = (baggage: string) =>
          ask(gateway.port, modernRequest('tools/call', params, { headers: { baggage } }));
        await call(`who=${mail},to=x`);
        const { body, rawHeaders } = sent('tools/call');
        assert.doesNotMatch(JSON.stringify([body, rawHeaders]), canaries);
        assert.match(JSON.stringify(body), /to=x/);
        const received = server.received.length;
        const { error } = responseOf(await call(`key=ghp_${'a1'.repeat(18)}`));
        assert.equal(error?.code, 4003);
        assert.equal(server.received.length, received);
      });

      it('takes a place out of the tools that a rule names, and of no other', async () => {
        const { structuredContent } = await session.client.callTool({ name: 's_other', arguments: {} });
        assert.deepEqual(structuredContent, { mail: '[redacted:email]', salary: 70_000, ok: true });
      });

      it('refuses to watch what a rule refuses, and logs no name that a client has made up', async () => {
        const { client } = session;
        const token = `ghp_${'a1'.repeat(18)}`;
        await assert.rejects(client.subscribeResource({ uri: `crm://${token}` }), { code: 4003 });
        const { error } = await modernCall(gateway.port, mail);
        assert.equal(error?.code, -32602);
        assert.match(lines.join(), /Unknown tool: \[not a name\]/);
        assert.doesNotMatch(lines.join(), canaries);
        assert.ok(!lines.join().includes(token));
      });

      it('takes out of prompts, resources and completions', async () => {
        const { client } = session;
        const prompt = await client.getPrompt({ name: 's_letter', arguments: { to: mail } });
        assert.deepEqual(prompt.messages, [{ role: 'user', content: { type: 'text', text: masked } }]);
        assert.deepEqual(sent('prompts/get').body.params?.['arguments'], { to: '[redacted:email]' });
        const uri = `crm://${mail}`;
        const { contents } = await client.readResource({ uri });
        assert.deepEqual(contents, [{ uri, mimeType: 'text/plain', text: masked }]);
        const ref = { type: 'ref/prompt', name: 's_letter' } as const;
        const { completion } = await client.complete({ ref, argument: { name: 'to', value: mail } });
        assert.deepEqual(completion.values, ['[redacted:email]', 'other']);
        const { params } = sent('completion/complete').body;
        assert.deepEqual(params?.['argument'], { name: 'to', value: '[redacted:email]' });
      });

      it("takes out of a server's errors", async () => {
        await assert.rejects(session.client.callTool({ name: 's_fails', arguments: {} }), (error: Error) => {
          assert.match(error.message, /no \[redacted:email\] pays with \[redacted:card\]/);
          assert.deepEqual((error as { data?: unknown }).data, { of: '[redacted:email]' });
          return true;
        });
      });

      it('finds a value that is spread over several parts of progress or of the log', async () => {
        const progress: unknown[] = [];
        session.logged.length = 0;
        if (era === 'legacy') await session.client.setLoggingLevel('debug');
        await session.client.callTool({ name: 's_streams', arguments: {} }, undefined, {
          onprogress: (step) => progress.push(step),
        });
        assert.deepEqual(progress, [
          { progress: 0, message: 'to [redacted:email]' },
          { progress: 1, message: '' },
          { progress: 2, message: ' now, ' },
          { progress: 3, message: 'all done, ' },
        ]);
        if (era === 'legacy')
          assert.deepEqual(session.logged, [{ who: '[redacted:email]' }, 'card [redacted:card]', ', ']);
      });

      it('takes out of what a server asks, and of what its client answers', async () => {
        session.asked.length = 0;
        const { content } = await session.client.callTool({ name: 's_asks', arguments: {} });
        assert.equal((session.asked[0] as { message?: string }).message, 'Is it [redacted:email]?');
        const [{ text = '' } = {}] = content as { text?: string }[];
        assert.match(text, /^heard /);
        assert.match(text, /"reply":"\[redacted:email\]"/);
      });

      it('takes out of what a task gives, before it is kept', async () => {
        const { client } = session;
        const created = await client.request(
          { method: 'tools/call', params: { name: 's_later', arguments: {}, task: {} } },
          anything,
        );
        const taskId = (created['task'] as { taskId: string }).taskId;
        const result = await client.request({ method: 'tasks/result', params: { taskId } }, anything);
        assert.deepEqual(result['structuredContent'], { mail: '[redacted:email]', salary: 0, ok: true });
        assert.doesNotMatch(JSON.stringify(result), canaries);
      });

      it('refuses a call by a rule that refuses: the server sees nothing of it, the client hears the name of the rule', async () => {
        const before = server.received.length;
        const { error } = await modernCall(gateway.port, 's_tells', { q: 'password=hunter2!' });
        assert.equal(error?.code, 4003);
        assert.deepEqual(error.data, { rule: 'no keys', direction: 'arguments' });
        assert.doesNotMatch(JSON.stringify(error), /hunter2/);
        assert.equal(server.received.length, before);
      });

      it('writes nothing of it into the log', () => {
        assert.ok(
          lines.some((line) => line.includes('s_tells')),
          'calls were logged',
        );
        assert.ok(
          lines.some((line) => line.includes('ERR_CONTENT_REFUSED')),
          'the refusal was logged',
        );
        for (const line of lines) assert.doesNotMatch(line, /ann\.o|4111|70000|hunter2/);
      });
    });

  describe('of a task that a server keeps', () => {
    it('goes by the tool that began it, however the task is asked for', async () => {
      const server = await startTasksServer();
      const gateway = await startGateway(`  m: { url: "${server.url}" }
redact:
  rules:
    - { name: words, patterns: [comput(ed|ing)], tools: [m_slow_compute] }
    - { name: seconds, paths: [$.seconds], tools: [slow_compute], direction: results }
    - { name: nothing, patterns: ['.+'], tools: [m_greet] }`);
      const extensions = { 'io.modelcontextprotocol/tasks': {} };
      const meta = { 'io.modelcontextprotocol/clientCapabilities': { extensions } };
      const send = async (method: string, params: Readonly<Record<string, unknown>>) =>
        responseOf(await ask(gateway.port, modernRequest(method, params, { meta }))).result ?? {};
      try {
        const args = { seconds: 0.1, label: 'x' };
        const { taskId } = await send('tools/call', { name: 'm_slow_compute', arguments: args });
        let task: Readonly<Record<string, unknown>> = {};
        await eventually(5000, 'the end of the task', async () => {
          task = await send('tasks/get', { taskId });
          return task['status'] === 'completed';
        });
        assert.doesNotMatch(JSON.stringify(task), /comput/);
        const { content, structuredContent } = task['result'] as Record<string, unknown>;
        assert.deepEqual(content, [{ type: 'text', text: '[redacted:words] for 0.1 s' }]);
        assert.deepEqual(structuredContent, { seconds: 0 });
      } finally {
        await gateway.close();
        await server.close();
      }
    });
  });

  describe('of a REST service that streams', () => {
    let service: Service;
    let gateway: RunningGateway;
    let session: Session;
    /** What the service sends next, part by part: each when the one before has been taken. */
    let parts: readonly string[];

    const send = (response: ServerResponse, [first, ...rest]: readonly string[]): void => {
      if (first === undefined) return void response.end();
      // Each part becomes a packet of its own: the next is written when the last has left for the kernel.
      response.write(first, () => setImmediate(() => send(response, rest)));
    };

    before(async () => {
      service = await startService((request, response) => {
        const type = request.url === '/rows' ? 'application/x-ndjson' : 'text/plain';
        response.writeHead(200, { 'content-type': type });
        send(response, parts);
      });
      gateway = await startGateway(`  r:
    type: rest
    url: "${service.url}"
    tools: { text: { path: /text, streaming: true }, rows: { path: /rows, streaming: true } }
redact:
  rules:
    - { detect: [email] }
    - { paths: [$..ssn], action: drop }
    - { patterns: ['secret-[a-z]+'], action: refuse, direction: results }`);
      session = await sdkClient(gateway);
    });
    after(async () => {
      await session.client.close();
      await gateway.close();
      await service.close();
    });

    const called = async (name: string) => {
      const progress: string[] = [];
      const result = await session.client.callTool({ name: `r_${name}`, arguments: {} }, undefined, {
        onprogress: ({ message = '' }) => progress.push(message),
      });
      return { result, progress };
    };

    it('finds a value wherever the text was cut', async () => {
      parts = ['from an', 'n.o@ma', 'il.exam', 'ple, the', ' rest'];
      const { result, progress } = await called('text');
      assert.equal(progress.join(''), 'from [redacted:email], the rest');
      assert.deepEqual(result.content, [{ type: 'text', text: 'from [redacted:email], the rest' }]);
    });

    it('takes each row for a document', async () => {
      parts = ['{"who":"ann.o@mail.example","ssn":1}\n', '{"who":"x","ssn":2}\n'];
      const { result, progress } = await called('rows');
      const rows = [{ who: '[redacted:email]' }, { who: 'x' }];
      assert.deepEqual(
        progress,
        rows.map((row) => JSON.stringify(row)),
      );
      assert.deepEqual(result.structuredContent, { rows });
      assert.deepEqual(result.content, [
        { type: 'text', text: rows.map((row) => JSON.stringify(row)).join('\n') },
      ]);
    });

    it('ends a call whose answer holds what is refused, and lets none of it through', async () => {
      parts = ['this is sec', 'ret-stuff'];
      await assert.rejects(called('text'), (error: Error) => {
        assert.match(error.message, /The answer was withheld: it holds what the rule "rule 3"/);
        assert.doesNotMatch(error.message, /stuff/);
        return true;
      });
    });
  });
});

/** Takes any result, unchecked: tasks are newer than the SDK's types of results. */
const anything = {
  parse: (value: unknown) => value,
  safeParse: (value: unknown) => ({ success: true, data: value }),
} as never as Parameters<Client['request']>[1];
