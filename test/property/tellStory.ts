import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises';
import type { ActingBackends } from './actingBackends.js';
import type { Script } from './acts.js';
import { batchOf } from './batchOf.js';
import { ChannelClient } from './channelClient.js';
import { malformed, owedTo } from './malformed.js';
import { openActs } from './openActs.js';
import { PostClient } from './postClient.js';
import type { ClientKind, Event, Story } from './story.js';
import type { Asked, Call, TestClient } from './testClient.js';
import type { RequestId } from './wire.js';

/** Longest that what is owed may take to come, in milliseconds. */
const patienceMs = 10_000;

let nonces = 0;

/** A nonce that no other call of this process has. */
export const freshNonce = (): string => `nonce-${++nonces}`;

const clientOf = (port: number, kind: ClientKind): TestClient => {
  const [transport, version] = kind.split(' ') as [string, string];
  if (transport === 'post') return new PostClient(port, version);
  return new ChannelClient(
    port,
    transport === 'socket' ? 'socket' : 'sse',
    version === 'of' ? undefined : version,
  );
};

const pick = <T>(items: readonly T[], index: number): T | undefined => items[index % items.length];

const otherRequests: readonly (readonly [method: string, params: Record<string, unknown>])[] = [
  ['ping', {}],
  ['tools/list', {}],
  ['nothing/here', {}],
  ['tools/call', { name: 'no_such_tool', arguments: {} }],
  ['tools/call', { name: 'old_act', arguments: { nonce: 7 } }],
  ['tools/call', {}],
];

/** Lets a story happen to a running gateway, and waits until all that it owes has come. */
export class Telling {
  readonly clients: readonly TestClient[];
  readonly #backends: ActingBackends;

  constructor(port: number, backends: ActingBackends, { clients }: Story) {
    this.#backends = backends;
    this.clients = clients.map((kind) => clientOf(port, kind));
  }

  async begin(): Promise<void> {
    await Promise.all(this.clients.map((client) => client.open()));
  }

  async happen(event: Event): Promise<void> {
    if (event.kind === 'breathe') for (let count = 0; count < event.turns; count++) await turn();
    else this.#happen(event);
  }

  /** Lets everything come to its end: calls run, asks are answered, what hangs is cancelled. */
  async finish(): Promise<void> {
    const { acts } = this.#backends;
    acts.letRun();
    const giveUpAt = performance.now() + patienceMs;
    const cancelled = new Set<string>();
    for (;;) {
      for (const client of this.clients) {
        for (const asked of client.asked) if (!asked.answered) client.answer(asked, asked.nonce);
        for (const round of client.rounds) if (!round.retried) client.retry(round);
        for (const call of client.calls)
          if (!cancelled.has(call.script.nonce)) this.#endLeftOver(client, call, cancelled);
        await Promise.all(client.sending);
      }
      if (this.#isOver() || performance.now() > giveUpAt) return;
      await delay(2); // polled: the end of a story is a sum over all its messages, which nobody announces
    }
  }

  async end(): Promise<void> {
    await Promise.all(this.clients.map((client) => client.close()));
  }

  /** What would never end by itself: calls that hang, and those that ask a client who has left. */
  #endLeftOver(client: TestClient, { id, script, wire }: Call, cancelled: Set<string>): void {
    const act = this.#backends.acts.get(script.nonce);
    if (act?.open !== true || !act.asking) return;
    const hangs = act.at > act.script.steps.length;
    if (!hangs && !wire.left) return;
    cancelled.add(script.nonce);
    // A call that went several rounds is the last of its requests.
    client.cancel(client.calls.findLast((each) => each.script.nonce === script.nonce)?.id ?? id);
  }

  #isOver(): boolean {
    return (
      openActs(this.#backends.acts, this.clients).length === 0 &&
      this.clients.every(
        ({ wires, rounds, asked, sending }) =>
          sending.size === 0 &&
          rounds.every(({ retried }) => retried) &&
          asked.every(({ answered }) => answered) &&
          wires.every((wire) => wire.settled),
      )
    );
  }

  #happen(event: Exclude<Event, { kind: 'breathe' }>): void {
    const { acts } = this.#backends;
    const calls = this.clients.flatMap((client) => client.calls.map((call) => ({ client, call })));
    const by = 'by' in event ? pick(this.clients, event.by) : undefined;
    const about = 'call' in event ? pick(calls, event.call) : undefined;
    switch (event.kind) {
      case 'call':
        return by && this.#call(by, event);
      case 'request': {
        const [method, params] = pick(otherRequests, event.what) ?? ['ping', {}];
        return by?.request(event.id, method, params, by.modern);
      }
      case 'grant':
        return about && acts.grant(about.call.script.nonce, event.steps);
      case 'cancel':
        return pick(by?.calls ?? [], event.call) && by?.cancel(pick(by.calls, event.call)?.id ?? '');
      case 'cancel unknown':
        return by?.cancel(event.id);
      case 'answer':
        return this.#answer(event);
      case 'malformed': {
        const what = pick(malformed, event.what);
        if (what === undefined || by === undefined) return;
        const { requests, unreadable } = owedTo(what);
        by.send(what.value, requests, unreadable);
        return;
      }
      case 'batch':
        return by && batchOf(by, event.parts);
      case 'resume': {
        const open = this.clients.flatMap((client) =>
          client.wires.filter((wire) => client.canResume(wire)).map((wire) => ({ client, wire })),
        );
        const found = pick(open, event.stream);
        return found?.client.resume(found.wire);
      }
      case 'leave':
        return about?.client.leave(about.call.wire);
    }
  }

  #call(
    client: TestClient,
    { id, server, steps, end, token, modern }: Extract<Event, { kind: 'call' }>,
  ): void {
    const nonce = freshNonce();
    const script: Script = { nonce, steps, end };
    const tokens: Record<typeof token, RequestId | undefined> = {
      none: undefined,
      string: nonce.slice('nonce-'.length),
      number: Number(nonce.slice('nonce-'.length)),
    };
    const describesItself = client.modern || (modern && client instanceof ChannelClient);
    client.call(id, script, tokens[token], server, describesItself);
  }

  #answer({ ask, how }: Extract<Event, { kind: 'answer' }>): void {
    const all = this.clients.flatMap((client) =>
      client.asked.filter(({ answered }) => !answered).map((asked) => ({ client, asked })),
    );
    const found = pick(all, ask);
    if (found === undefined) return;
    const { client, asked } = found;
    if (how === 'wrong id') client.answer(asked, 'forged', `${asked.id}0`);
    else if (how === 'somebody else') forge(this.clients, client, asked);
    else client.answer(asked, how === 'refuse' ? undefined : asked.nonce);
    if (how === 'twice') client.answer(asked, 'forged');
  }
}

/** Everybody but the one who was asked answers. */
const forge = (clients: readonly TestClient[], owner: TestClient, { id }: Asked): void => {
  for (const other of clients) if (other !== owner) other.answer({ id, nonce: '', answered: true }, 'forged');
};
