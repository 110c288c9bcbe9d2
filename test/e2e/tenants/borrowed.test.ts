/** What one tenant holds (sessions, ids, sealed state, cursors) is worth nothing in another's hands. */
import assert from 'node:assert/strict';
import { ask } from '../../support/ask.js';
import { counts } from '../../support/counts.js';
import { eventually } from '../../support/eventually.js';
import { responseOf, type SeenMessage } from '../../support/messagesOf.js';
import { modernRequest } from '../../support/modern.js';
import { openRaw, type RawConnection } from '../../support/openRaw.js';
import { requestBytes, type RequestParts } from '../../support/requestBytes.js';
import { sseEvents } from '../../support/sseEvents.js';
import { openSession } from './speakers.js';
import { startTenants, type Credential, type Isolation, type Tenants } from './startTenants.js';

const nobodysSession = 'A'.repeat(43);
const nobodysTask = 'B'.repeat(200);
const extension = { 'io.modelcontextprotocol/tasks': {} };
const capabilities = { elicitation: {}, extensions: extension };

for (const isolation of ['logical', 'namespace', 'dedicated'] satisfies Isolation[])
  describe(`two tenants, ${isolation} isolation: what is borrowed`, function () {
    this.timeout(60_000);
    let tenants: Tenants;
    let port: number;
    let open: RawConnection[] = [];
    before(async () => {
      tenants = await startTenants(isolation);
      ({ port } = tenants.gateway);
    });
    afterEach(() => {
      for (const connection of open.splice(0)) connection.destroy();
      open = [];
    });
    after(() => tenants.close());

    /** Of the server that Ann shares with Eve, where there is one. */
    const annsTool = (name: string): string =>
      `${tenants.prefix}${isolation === 'dedicated' ? 'own' : 'common'}_${name}`;
    const evesTool = (name: string): string => `${tenants.evesPrefix}common_${name}`;
    const start = async (request: RequestParts): Promise<RawConnection> => {
      const connection = await openRaw(port);
      open.push(connection);
      connection.write(requestBytes(port, request));
      return connection;
    };
    const post = (headers: Credential, body: object): RequestParts => ({
      headers,
      body: { jsonrpc: '2.0', ...body },
    });
    /** What a request is answered with, whole, but for what differs in any two answers. */
    const answerTo = async (request: RequestParts) => {
      const { status, headers, body } = await ask(port, request);
      const { date: _date, ...rest } = headers;
      return { status, headers: rest, body };
    };
    const asModern = (credential: Credential, method: string, params: object, id?: string) =>
      modernRequest(
        method,
        { ...params },
        {
          headers: { ...credential },
          meta: { 'io.modelcontextprotocol/clientCapabilities': capabilities },
          ...(id !== undefined && { id }),
        },
      );

    describe('a session', () => {
      const requests: Readonly<Record<string, (session: Credential) => RequestParts>> = {
        'a notification': (headers) =>
          post(headers, { method: 'notifications/cancelled', params: { requestId: 'long' } }),
        'an answer': (headers) => post(headers, { id: 1, result: { action: 'accept' } }),
        'its stream': (headers) => ({ method: 'GET', headers: { ...headers, accept: 'text/event-stream' } }),
        'what was missed': (headers) => ({
          method: 'GET',
          headers: { ...headers, accept: 'text/event-stream', 'last-event-id': 'a-1' },
        }),
        'its end': (headers) => ({ method: 'DELETE', headers }),
        ...Object.fromEntries(
          [
            'ping',
            'tools/list',
            'prompts/list',
            'resources/list',
            'resources/templates/list',
            ['tools/call', { name: 'x', arguments: {} }],
            ['prompts/get', { name: 'x' }],
            ['resources/read', { uri: 'own://watched' }],
            ['resources/subscribe', { uri: 'own://watched' }],
            ['resources/unsubscribe', { uri: 'own://watched' }],
            [
              'completion/complete',
              { ref: { type: 'ref/prompt', name: 'x' }, argument: { name: 'a', value: '' } },
            ],
            ['logging/setLevel', { level: 'debug' }],
            'tasks/list',
            ['tasks/get', { taskId: 'x' }],
            ['tasks/result', { taskId: 'x' }],
            ['tasks/cancel', { taskId: 'x' }],
          ].map((each) => {
            const [method, params] = typeof each === 'string' ? [each, {}] : each;
            return [
              String(method),
              (headers: Credential) => post(headers, { id: 7, method, params }),
            ] as const;
          }),
        ),
      };

      it('is unknown to the other, whatever is asked of it, and goes on', async () => {
        const session = await openSession(port, tenants.ann);
        const stream = await start({
          method: 'GET',
          headers: { ...session, accept: 'text/event-stream' },
        });
        await stream.seen('200 OK');
        const before = stream.received;
        for (const [what, request] of Object.entries(requests)) {
          const borrowed = { ...session, ...tenants.eve };
          const madeUp = { ...borrowed, 'mcp-session-id': nobodysSession };
          const answer = await answerTo(request(borrowed));
          assert.deepEqual(answer, await answerTo(request(madeUp)), what);
          assert.equal(answer.status, 404, `${what}: ${answer.body}`);
        }
        assert.equal(stream.received, before, 'nothing of it was heard on her stream');
        const ping = await ask(port, post(session, { id: 1, method: 'ping' }));
        assert.equal(ping.status, 200);
        assert.equal((await ask(port, { method: 'DELETE', headers: session })).status, 204);
      });

      it('is no beginning of one for the other, but of another', async () => {
        const session = await openSession(port, tenants.ann);
        const other = await openSession(port, { ...session, ...tenants.eve });
        assert.notEqual(other['mcp-session-id'], session['mcp-session-id']);
        assert.equal((await ask(port, post(session, { id: 1, method: 'ping' }))).status, 200);
      });

      it('nor is the address of an HTTP+SSE stream', async () => {
        const stream = await start({
          method: 'GET',
          path: '/sse',
          headers: { ...tenants.ann, accept: 'text/event-stream' },
        });
        const [path = ''] = /\/messages\?sessionId=[\w.-]+/.exec(await stream.seen('/messages')) ?? [];
        const before = stream.received;
        const message = { headers: tenants.eve, body: { jsonrpc: '2.0', id: 1, method: 'ping' } };
        const answer = await answerTo({ ...message, path });
        // Not each letter says something of where a stream is.
        const madeUp = path.replace(/[\w-]{8}$/, 'AAAAAAAA');
        assert.deepEqual(answer, await answerTo({ ...message, path: madeUp }));
        assert.equal(answer.status, 404, answer.body);
        assert.equal(stream.received, before);
      });
    });

    it('the id of an event', async () => {
      const [anns, eves] = [await openSession(port, tenants.ann), await openSession(port, tenants.eve)];
      const call = await start(
        post(anns, {
          id: 'e',
          method: 'tools/call',
          params: { name: annsTool('test_tool_with_progress'), arguments: {}, _meta: { progressToken: 1 } },
        }),
      );
      const [event] = sseEvents(await call.seen('"id":"e"'));
      assert.ok(event);
      const resume = (id: string) => ({
        method: 'GET',
        headers: { ...eves, accept: 'text/event-stream', 'last-event-id': id },
      });
      const answer = await answerTo(resume(event.id));
      const position = event.id.at(-1) ?? '';
      const madeUp = await answerTo(
        resume(`${'A'.repeat(event.id.length - 2)}${event.id.at(-2) ?? ''}${position}`),
      );
      assert.deepEqual([answer.status, answer.body], [madeUp.status, madeUp.body]);
      assert.equal(answer.status, 400);
    });

    it('the id of a request: it can be cancelled by nobody else', async () => {
      const [anns, eves] = [await openSession(port, tenants.ann), await openSession(port, tenants.eve)];
      const params = { name: annsTool('test_hang'), arguments: { key: 'k' }, _meta: { progressToken: 1 } };
      const call = await start(post(anns, { id: 'long', method: 'tools/call', params }));
      await call.seen('notifications/progress');
      const cancel = { method: 'notifications/cancelled', params: { requestId: 'long' } };
      assert.equal((await ask(port, post(eves, cancel))).status, 202);
      const modern = asModern(tenants.eve, 'notifications/cancelled', { requestId: 'long' });
      await ask(port, { ...modern, body: { jsonrpc: '2.0', ...cancel } });
      const calls = async () => (await counts(tenants.gateway.adminUrl)).calls;
      assert.equal(await calls(), 1, 'it goes on');
      assert.equal((await ask(port, post(anns, cancel))).status, 202);
      await eventually(5000, 'the end of the call', async () => (await calls()) === 0);
    });

    it('the id of a question: the answer of another one is nobody’s', async () => {
      const [anns, eves] = [await openSession(port, tenants.ann), await openSession(port, tenants.eve)];
      const params = { name: annsTool('test_elicitation'), arguments: { message: 'who?' } };
      const call = await start(post(anns, { id: 'asks', method: 'tools/call', params }));
      const asked = /"id":("?[\w.-]+"?),"method":"elicitation\/create"/.exec(
        await call.seen('elicitation/create'),
      );
      const id = JSON.parse(asked?.[1] ?? 'null') as string | number | null;
      assert.ok(id !== null);
      const answer = (username: string) => ({
        id,
        result: { action: 'accept', content: { username, email: 'x@example.org' } },
      });
      await ask(port, post(eves, answer('mallory')));
      assert.equal((await ask(port, post({ ...anns, ...tenants.eve }, answer('mallory')))).status, 404);
      assert.equal((await ask(port, post(anns, answer('ann')))).status, 202);
      const all = await call.seen('"id":"asks"');
      assert.ok(all.includes('ann') && !all.includes('mallory'), all);
    });

    it('the sealed state of a call', async () => {
      const name = 'test_input_required_result_request_state';
      const [first] = [
        responseOf(
          await ask(port, asModern(tenants.ann, 'tools/call', { name: annsTool(name), arguments: {} })),
        ),
      ];
      const state = first.result?.['requestState'];
      assert.ok(typeof state === 'string', JSON.stringify(first));
      const retry = (credential: Credential, tool: string, requestState: string) =>
        asModern(
          credential,
          'tools/call',
          {
            name: tool,
            arguments: {},
            requestState,
            inputResponses: { confirm: { action: 'accept', content: { ok: true } } },
          },
          'retry',
        );
      const madeUp = await answerTo(retry(tenants.eve, evesTool(name), 'C'.repeat(state.length)));
      assert.deepEqual(await answerTo(retry(tenants.eve, evesTool(name), state)), madeUp);
      assert.ok((JSON.parse(madeUp.body) as SeenMessage).error !== undefined);
      const { result } = responseOf(await ask(port, retry(tenants.ann, annsTool(name), state)));
      assert.equal(result?.content?.[0]?.text, 'state-ok');
    });

    it('the cursor of a list', async () => {
      const list = (credential: Credential, cursor?: string) =>
        asModern(credential, 'tools/list', { ...(cursor !== undefined && { cursor }) }, 'list');
      const cursor = responseOf(await ask(port, list(tenants.ann))).result?.['nextCursor'];
      assert.ok(typeof cursor === 'string');
      const madeUp = await answerTo(list(tenants.eve, 'D'.repeat(cursor.length)));
      assert.deepEqual(await answerTo(list(tenants.eve, cursor)), madeUp);
      assert.ok((JSON.parse(madeUp.body) as SeenMessage).error !== undefined);
      assert.equal((await ask(port, list(tenants.ann, cursor))).status, 200);
    });

    it('a task', async () => {
      const { ann, eve, prefix, jobs } = tenants;
      const made = responseOf(
        await ask(
          port,
          asModern(ann, 'tools/call', {
            name: `${prefix}jobs_slow_compute`,
            arguments: { seconds: 60, label: 'a' },
          }),
        ),
      );
      const taskId = made.result?.['taskId'];
      assert.ok(typeof taskId === 'string', JSON.stringify(made));
      const eves = await openSession(port, eve);
      const before = jobs.seen.length;
      const about = (id: string): readonly RequestParts[] => [
        asModern(eve, 'tasks/get', { taskId: id }, 'get'),
        asModern(eve, 'tasks/cancel', { taskId: id }, 'cancel'),
        asModern(eve, 'tasks/update', { taskId: id, inputResponses: {} }, 'update'),
        ...['tasks/get', 'tasks/result', 'tasks/cancel'].map((method) =>
          post(eves, { id: method, method, params: { taskId: id } }),
        ),
      ];
      const madeUp = about(nobodysTask);
      for (const [index, request] of about(taskId).entries()) {
        const [theirs, nobodys] = [await answerTo(request), await answerTo(madeUp[index] ?? request)];
        assert.deepEqual(theirs, nobodys);
        assert.ok((JSON.parse(theirs.body) as SeenMessage).error !== undefined, theirs.body);
      }
      const heardOf = async (id: string): Promise<string> => {
        const listening = await start(
          asModern(eve, 'subscriptions/listen', { notifications: { taskIds: [id] } }, 'listen'),
        );
        const all = await listening.seen('acknowledged');
        return all.slice(all.indexOf('data:')).replaceAll(id, 'TASK');
      };
      assert.equal(await heardOf(taskId), await heardOf(nobodysTask));
      const listed = await ask(port, post(eves, { id: 'l', method: 'tasks/list', params: {} }));
      assert.deepEqual(responseOf(listed).result?.['tasks'], []);
      const heard = jobs.seen.slice(before).filter(({ method = '' }) => method.startsWith('tasks/'));
      assert.deepEqual(heard, []);
      const own = responseOf(await ask(port, asModern(ann, 'tasks/get', { taskId })));
      assert.equal(own.result?.['status'], 'working', JSON.stringify(own));
    });
  });
