import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { defer, EMPTY, NEVER, of, throwError } from 'rxjs';
import { connectRounds } from '../../../src/protocol/connect/connectRound.js';
import { connectSeals } from '../../../src/protocol/connect/connectSeals.js';
import type { Params } from '../../../src/protocol/jsonrpc.js';
import { askingToConnect } from '../../../src/sources/backends/askingToConnect.js';
import type { ConnectAsk, ConnectDesk } from '../../../src/sources/oauth/connectDesk.js';
import { ConnectRequired } from '../../../src/sources/oauth/connectRequired.js';
import type { Backend } from '../../../src/streams/backend.js';
import type { Caller } from '../../../src/streams/caller.js';
import { knownPrincipal } from '../../../src/streams/knownPrincipal.js';
import { result, type Reply } from '../../../src/streams/reply.js';
import { call as exchangeOf } from '../../../src/testing/call.js';
import { backendCall, repliesOf } from '../../backends/mcp/backendCall.js';

describe('backends/askingToConnect', () => {
  let isConnected: boolean;
  let sent: Params[];
  let told: unknown[];
  let agrees: boolean;
  let pages: number;
  const rounds = connectRounds(connectSeals([randomBytes(32)]).rounds);
  const required = () =>
    new ConnectRequired({ server: 'crm', url: undefined, key: 'of ann', wanted: undefined });

  beforeEach(() => {
    [isConnected, agrees, pages, sent, told] = [false, true, 0, [], []];
  });

  const server: Backend = {
    offer: () => EMPTY,
    invoke: ({ params }) =>
      defer(() => {
        sent.push(params);
        return isConnected ? of(result({ content: [] })) : throwError(required);
      }),
    changed$: NEVER,
    updated$: NEVER,
    completed$: NEVER,
    watch: () => NEVER,
    close: () => Promise.resolve(),
  };
  const desk: ConnectDesk = {
    ask: ({ asked: { server: name, key } }) =>
      defer(() => {
        const url = `https://gw.example/connect/${++pages}`;
        const ask: ConnectAsk = {
          server: name,
          key,
          before: 1,
          elicitationId: 'e1',
          principalId: 'ann',
          url,
        };
        return of(ask);
      }),
    tell: (asked) => void told.push(asked.elicitationId),
    until: () =>
      defer(() => {
        isConnected = agrees;
        return of(true);
      }),
    rounds: () => rounds,
  };
  const backend = askingToConnect(server, desk);

  const caller = (version: '2026-07-28' | '2025-11-25'): Caller => ({
    ...exchangeOf('tools/call', { version }),
    principal: knownPrincipal({ id: 'ann', method: 'jwt' }),
  });
  const send = async (
    params: Params,
    version: '2026-07-28' | '2025-11-25' = '2026-07-28',
    url = true,
  ): Promise<Reply> => {
    const capabilities = url ? { elicitation: { url: {} } } : { elicitation: {} };
    const replies = await repliesOf(
      backend,
      backendCall('echo', { params, capabilities, caller: caller(version) }),
    );
    const last = replies.at(-1);
    assert.ok(last !== undefined);
    return last;
  };
  const stateOf = (reply: Reply): string =>
    reply.kind === 'result' ? String(reply.result['requestState']) : assert.fail(JSON.stringify(reply));
  const urlIn = (reply: Reply): unknown =>
    /https:[^"]+/.exec(JSON.stringify(reply.kind === 'result' ? reply.result['inputRequests'] : reply))?.[0];
  const answered = (action: string) => ({ 'sluice-connect': { action } });
  const own = { requestState: 'of the server', inputResponses: { name: { action: 'accept' } } };

  it('asks, waits for the person on the retry, and sends the call as it first was', async () => {
    const first = await send({ name: 'echo', arguments: { a: 1 }, ...own });
    const requestState = stateOf(first);
    const second = await send({
      name: 'echo',
      arguments: { a: 1 },
      requestState,
      inputResponses: answered('accept'),
    });
    assert.deepEqual(second, result({ content: [] }));
    assert.deepEqual(sent.at(-1), { name: 'echo', arguments: { a: 1 }, ...own });
  });

  it('leads to one page over all rounds of a call', async () => {
    agrees = false;
    const first = await send({ name: 'echo' });
    const second = await send({
      name: 'echo',
      requestState: stateOf(first),
      inputResponses: answered('accept'),
    });
    assert.equal(urlIn(second), urlIn(first));
    assert.notEqual(stateOf(second), '');
    const anew = await send({ name: 'echo' });
    assert.notEqual(urlIn(anew), urlIn(first));
  });

  it('does not wait for who has not answered', async () => {
    const first = await send({ name: 'echo' });
    assert.equal(urlIn(await send({ name: 'echo', requestState: stateOf(first) })), urlIn(first));
  });

  for (const action of ['decline', 'cancel'])
    it(`ends the call of who says ${action}, unsent`, async () => {
      const requestState = stateOf(await send({ name: 'echo' }));
      const retry = send({ name: 'echo', requestState, inputResponses: answered(action) });
      await assert.rejects(retry, { code: 'ERR_INPUT_REFUSED' });
      assert.equal(sent.length, 1);
    });

  it('takes no state that a server has made for one of its own', async () => {
    const forged = { url: 'https://evil.example', key: 'of bob', before: undefined, held: {} };
    const other = connectRounds(connectSeals([randomBytes(32)]).rounds);
    for (const requestState of [other.write(forged), `sluice-connect ${JSON.stringify(forged)}`])
      await assert.rejects(send({ name: 'echo', requestState }), { code: 'ERR_STATE_INVALID' });
    assert.deepEqual(sent, []);
  });

  it('gives a session of the 2025 era the error for that, and remembers to tell it', async () => {
    const reply = await send({ name: 'echo' }, '2025-11-25');
    assert.equal(reply.kind === 'error' && reply.error.code, -32042);
    assert.match(JSON.stringify(reply), /"elicitationId":"e1"/);
    assert.deepEqual(told, ['e1']);
  });

  it('tells who can open nothing where the page is, but not the log', async () => {
    for (const [version, code] of [
      ['2026-07-28', -32021],
      ['2025-11-25', -32603],
    ] as const) {
      const error = await send({ name: 'echo' }, version, false).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      assert.ok(error instanceof Error && 'toJsonRpc' in error && typeof error.toJsonRpc === 'function');
      const shown = error.toJsonRpc() as { readonly code: number; readonly message: string };
      assert.equal(shown.code, code);
      assert.match(shown.message, /: open https:\/\/gw\.example\/connect\/\d in a browser/);
      assert.doesNotMatch(error.message, /https/);
    }
    assert.deepEqual(told, []);
  });

  it('has nothing to do with calls of the gateway itself', async () => {
    isConnected = true;
    const [reply] = await repliesOf(backend, backendCall('echo'));
    assert.deepEqual(reply, result({ content: [] }));
  });
});
