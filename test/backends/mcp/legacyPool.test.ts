import assert from 'node:assert/strict';
import { EMPTY, lastValueFrom, toArray } from 'rxjs';
import { EraContradicted } from '../../../src/sources/backends/mcp/eraContradicted.js';
import { httpLink, type HttpLink } from '../../../src/sources/backends/mcp/httpLink.js';
import { legacyHttpEra } from '../../../src/sources/backends/mcp/legacyHttpEra.js';
import type { UpstreamEra } from '../../../src/sources/backends/mcp/upstreamEra.js';
import type { Capabilities } from '../../../src/protocol/mcp.js';
import { silent } from '../../../src/streams/log.js';
import { eventually } from '../../support/eventually.js';
import { backendCall } from './backendCall.js';
import { legacyScript, legacyState, type LegacyState } from './legacyScript.js';
import { scriptedServer, type Received, type ScriptedServer } from './scriptedServer.js';

const both = { elicitation: {}, sampling: {} };

describe('backends/mcp/legacyHttpEra: sessions of callers that can be asked', () => {
  let server: ScriptedServer;
  let state: LegacyState;
  let held: Received[];
  let asked: string[];
  let opens: boolean;
  let link: HttpLink;
  let era: UpstreamEra | undefined;

  beforeEach(async () => {
    state = legacyState();
    held = [];
    asked = [];
    opens = true;
    server = await scriptedServer((request) => {
      if (!opens && request.body.method === 'initialize') return void held.push(request);
      if (legacyScript(request, state)) return;
      if (request.httpMethod === 'GET') return void request.response.writeHead(405).end();
      const { method, params } = request.body;
      asked.push(`${method} ${String(request.headers['mcp-session-id'])}`);
      if (params?.['name'] === 'job')
        request.result({ task: { taskId: '1', status: 'working', ttl: 60_000 } });
      else if (params?.['name'] === 'hang') held.push(request);
      else request.result({ content: [] });
    });
    link = httpLink({
      name: 'test',
      url: server.url,
      headers: {},
      log: silent,
      clientInfo: { name: 'test', version: '1' },
      maxMessageBytes: 100_000,
      listener: { changed: () => undefined, updated: () => undefined, completed: () => undefined },
    });
  });
  afterEach(async () => {
    for (const { response } of held) response.destroy();
    await lastValueFrom(era?.end() ?? EMPTY, { defaultValue: undefined });
    await link.destroy();
    await server.close();
  });

  const send = (principalId: string, capabilities: Capabilities = both, name = 'a'): Promise<unknown> => {
    const used = era ?? assert.fail('no era');
    return lastValueFrom(used.send(backendCall(name, { principalId, capabilities })).pipe(toArray()));
  };
  const hang = async (principalId: string): Promise<{ answer(): Promise<unknown> }> => {
    const before = held.length;
    const called = send(principalId, both, 'hang');
    await eventually(3000, 'the call at the server', () => held.length > before);
    const request = held[before];
    return {
      answer() {
        request?.result({ content: [] });
        return called;
      },
    };
  };

  it('are one for each principal and set of capabilities, in whichever order they stand', async () => {
    era = legacyHttpEra(link);
    await send('ada', { elicitation: { url: {}, form: {} }, sampling: {} });
    await send('ada', { sampling: {}, elicitation: { form: {}, url: {} } });
    assert.equal(state.opened, 1);
    await send('bob');
    await send('ada', { sampling: {} });
    assert.equal(state.opened, 3);
  });

  it('is one for all callers that can not be asked', async () => {
    era = legacyHttpEra(link);
    for (const principal of ['ada', 'bob']) await send(principal, {});
    assert.equal(state.opened, 1);
  });

  it('end by time when they are unused, and not while they are in use', async () => {
    era = legacyHttpEra(link, { idleMs: 100 });
    const call = await hang('ada');
    await send('bob');
    assert.equal(state.sessions.size, 2);
    await eventually(3000, 'the end of the unused session', () => state.sessions.size === 1);
    await call.answer();
    await eventually(3000, 'the end of the other', () => state.sessions.size === 0);
    await send('ada');
    assert.equal(state.opened, 3);
  });

  it('keep the tasks begun in them, and are asked for those of their principal', async () => {
    era = legacyHttpEra(link, { idleMs: 50 });
    const used = era;
    const about = (principalId: string) =>
      lastValueFrom(
        used.send(
          backendCall('', { method: 'tasks/get', params: { taskId: '1' }, principalId, capabilities: both }),
        ),
      );
    const begin = { params: { name: 'job', task: {} }, capabilities: both, tasks: 'take' } as const;
    for (const principalId of ['ada', 'bob'])
      await lastValueFrom(used.send(backendCall('job', { ...begin, principalId })));
    await send('cyd');
    await eventually(3000, 'the end of the session without tasks', () => state.sessions.size === 2);
    asked.splice(0);
    await about('ada');
    await about('bob');
    assert.deepEqual(asked, ['tasks/get session-1', 'tasks/get session-2']);
  });

  it('are no more than the bound: the longest unused gives way, and where all are in use a call is refused', async () => {
    era = legacyHttpEra(link, { max: 2 });
    await send('ada');
    const call = await hang('bob');
    await send('cyd');
    await eventually(3000, "the end of Ada's session", () => state.sessions.size === 2);
    const other = await hang('cyd');
    await assert.rejects(send('dee'), { code: 'ERR_SERVER_EXHAUSTED' });
    assert.equal(state.opened, 3);
    // Whoever has a session goes on in it.
    await send('bob');
    await call.answer();
    await send('dee');
    await other.answer();
    assert.equal(state.opened, 4);
  });

  it('fail the calls that wait for one with the cause of the end, so that they can go on elsewhere', async () => {
    era = legacyHttpEra(link);
    opens = false;
    const [asked, plain] = [send('ada'), send('ada', {})];
    await eventually(3000, 'both openings', () => held.length === 2);
    const contradicted = new EraContradicted(true);
    const ends = lastValueFrom(era.end(contradicted), { defaultValue: undefined });
    for (const call of [asked, plain]) await assert.rejects(call, (error) => error === contradicted);
    await ends;
  });

  it('fail the calls that wait for one when the backend is closed', async () => {
    era = legacyHttpEra(link);
    opens = false;
    const call = send('ada');
    await eventually(3000, 'the opening', () => held.length === 1);
    const ends = lastValueFrom(era.end(), { defaultValue: undefined });
    await assert.rejects(call, { code: 'ERR_UPSTREAM_UNREACHABLE' });
    await ends;
  });
});
