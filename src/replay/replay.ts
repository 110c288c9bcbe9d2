import { Agent } from 'undici';
import type { RecordedCall, RecordedLine } from '../protocol/recording/recordedLine.js';
import { pace } from './pace.js';
import { Player } from './player.js';
import type { Ignoring } from './replayedCall.js';
import type { Tally } from './tally.js';
import { ChannelWire } from './wires/channelWire.js';
import { HttpWire } from './wires/httpWire.js';
import { overSse } from './wires/overSse.js';
import { overWebSocket } from './wires/overWebSocket.js';
import type { Wire, WireOptions } from './wires/wire.js';

export interface ReplayOptions {
  /** The recording, from its beginning, each time it is asked for. */
  readonly lines: () => AsyncIterable<RecordedLine> | Iterable<RecordedLine>;
  /** The endpoint of Streamable HTTP; a namespace of the recording lies beneath it. */
  readonly url: string;
  /** The endpoint of HTTP+SSE. */
  readonly sseUrl: string;
  readonly headers: Readonly<Record<string, string>>;
  /** 1 for as it was, 10 for ten times as fast, `Infinity` for as fast as can be. */
  readonly rate: number;
  /** How many do the same, each with sessions of its own. */
  readonly users: number;
  /** How often the recording is gone through. */
  readonly loops: number;
  readonly ignoring: Ignoring;
  readonly timeoutMs: number;
  /** Calls in flight at a time, where there is no clock. */
  readonly concurrency: number;
  readonly joinsLate: boolean;
  readonly tally: Tally;
  /** Ends it early. */
  readonly signal: AbortSignal;
}

/** Sessions and connections of all users that are open at a time. */
const maxLanes = 10_000;
/** Calls that may be open though nobody waits for them with the next: beyond that the clock is not kept. */
const maxOpen = 50_000;
/** How long nothing is read because too many calls are under way, in milliseconds. */
const patienceMs = 100;
/** How often is looked for calls that take too long, in milliseconds. */
const sweepMs = 250;

/**
 * Makes the calls of a recording again, at the times they were made (open loop): a target that is slow does not slow them down, so that
 * no waiting is left out of what is measured. Within a session calls keep their order: what came after an answer comes after it.
 */
export const replay = async (options: ReplayOptions): Promise<void> => {
  const agent = new Agent({ pipelining: 1, keepAliveTimeout: 30_000, headersTimeout: 0, bodyTimeout: 0 });
  const { tally, loops, signal } = options;
  tally.startedAt = performance.now();
  try {
    for (let loop = 0; loop < loops && !signal.aborted; loop++) await once(options, agent);
    tally.endedAt = performance.now();
  } finally {
    await agent.destroy();
  }
};

const once = async (options: ReplayOptions, agent: Agent): Promise<void> => {
  const { lines, rate, users, concurrency, tally, signal } = options;
  const { due, isTimed } = pace(rate, performance.now());
  let changed: () => void = () => undefined;
  const players = Array.from(
    { length: users },
    () =>
      new Player({
        ...options,
        isTimed,
        maxLanes: Math.max(1, Math.floor(maxLanes / users)),
        wireFor: wiresOver(agent, options),
        changed: () => changed(),
      }),
  );
  const open = (): number => players.reduce((sum, player) => sum + player.open, 0);
  const busy = (): number => players.reduce((sum, player) => sum + player.busy, 0);
  /** Resolves when it is true, looked at whenever a call has changed; when all is to end; or when nobody is patient any more. */
  const until = (test: () => boolean, patienceMs?: number): Promise<void> =>
    new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        changed = () => undefined;
        resolve();
      };
      const timer = patienceMs === undefined ? undefined : setTimeout(done, patienceMs);
      changed = () => {
        if (signal.aborted || test()) done();
      };
      changed();
    });
  const interrupted = (): void => changed();
  signal.addEventListener('abort', interrupted);
  const sweeping = setInterval(() => {
    for (const player of players) player.sweep(performance.now());
  }, sweepMs);
  const most = isTimed ? maxOpen : concurrency;
  try {
    let turns = 0;
    for await (const line of lines()) {
      const at = due(line.t);
      if (isTimed) await reach(at, signal);
      if (busy() >= most) {
        if (isTimed) tally.warn('The target is so slow that the times of the recording were not kept');
        // They may wait for what the recording has next: a client who leaves, or answers.
        await until(() => busy() < most, patienceMs);
      }
      // Answers must be heard while the next are sent.
      if (++turns % 64 === 0) await nextTurn();
      if (signal.aborted) break;
      for (const player of players) player.take(line, at);
    }
    for (const player of players) player.conclude();
    await until(() => open() === 0);
  } finally {
    clearInterval(sweeping);
    signal.removeEventListener('abort', interrupted);
    await Promise.all(players.map((player) => player.close()));
  }
};

const nextTurn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/** Resolves at that time, at once if it has passed. */
const reach = (at: number, signal: AbortSignal): Promise<void> | undefined => {
  const ms = at - performance.now();
  if (ms < 1 || signal.aborted) return undefined;
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
};

const wiresOver =
  (agent: Agent, { url, sseUrl, headers }: ReplayOptions) =>
  ({ transport, namespace }: RecordedCall, asked: WireOptions['asked']): Wire => {
    const options: WireOptions = {
      url: beneath(url, namespace),
      sseUrl: beneath(sseUrl, namespace),
      headers,
      asked,
    };
    if (transport === 'websocket') return new ChannelWire(overWebSocket(options), options);
    if (transport === 'sse') return new ChannelWire(overSse(agent, options), options);
    return new HttpWire(agent, options);
  };

const beneath = (url: string, namespace: string | undefined): string => {
  if (namespace === undefined) return url;
  const address = new URL(url);
  address.pathname = `${address.pathname.replace(/\/$/, '')}/${namespace}`;
  return address.href;
};
