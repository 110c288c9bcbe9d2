import type { JsonRpcCall } from '../protocol/jsonrpc.js';
import { internalMethods } from '../protocol/methods.js';
import { revisionOf } from '../protocol/revisions/index.js';
import type { RecordedCall, RecordedLine } from '../protocol/recording/recordedLine.js';
import { Lane } from './lane.js';
import { ReplayedCall, type Ignoring } from './replayedCall.js';
import type { Tally } from './tally.js';
import type { Wire, WireOptions } from './wires/wire.js';

export interface PlayerOptions {
  readonly tally: Tally;
  readonly ignoring: Ignoring;
  /** Longest time for an answer, in milliseconds. */
  readonly timeoutMs: number;
  /** Sessions and connections that are open at a time; those that are idle for the longest give way. */
  readonly maxLanes: number;
  /** Whether calls have a time at which they are to be sent; without, it is when they can be. */
  readonly isTimed: boolean;
  /** Whether the beginning of the recording is missing: connections may have been initialized before. */
  readonly joinsLate: boolean;
  readonly wireFor: (call: RecordedCall, asked: WireOptions['asked']) => Wire;
  /** Told when a call has ended, or settled. */
  readonly changed: () => void;
}

/** Sessions that have ended and are remembered. */
const maxRetired = 100;

/** Ids of requests: none is used twice. */
let ids = 0;

/** A call, and what it belongs to. */
interface Playing {
  readonly call: ReplayedCall;
  readonly lane: Lane;
}

/** One user who does what a recording says: its sessions, calls and answers. */
export class Player {
  readonly #options: PlayerOptions;
  readonly #calls = new Map<number, Playing>();
  readonly #lanes = new Map<string, Lane>();
  readonly #busy = new Set<ReplayedCall>();
  readonly #retired: Lane[] = [];
  readonly #closing = new Set<Promise<void>>();

  constructor(options: PlayerOptions) {
    this.#options = options;
  }

  /** Calls that have not settled. */
  get open(): number {
    return this.#calls.size;
  }

  /** Calls that are under way here, as far as they do not wait for the recording themselves. */
  get busy(): number {
    return this.#busy.size;
  }

  /** Takes the next line of the recording. @param dueAt when it is its turn, of `performance.now()` */
  take(line: RecordedLine, dueAt: number): void {
    if (line.kind === 'call') return this.#begin(line, dueAt);
    const playing = this.#calls.get(line.n);
    if (playing === undefined) return;
    const { call, lane } = playing;
    if ('withheld' in line || (line.kind !== 'end' && line.redacted === true))
      call.uncompared ??= 'a part of it was redacted';
    switch (line.kind) {
      case 'notification':
        call.told('recorded', {
          jsonrpc: '2.0',
          method: line.method,
          ...(line.params && { params: line.params }),
        });
        return;
      case 'ask':
      case 'reply':
        lane.recordedAsk(call, line);
        return;
      case 'answer': {
        const { result, error, status } = line;
        call.answer = {
          ...(result !== undefined && { result }),
          ...(error !== undefined && { error }),
          ...(status !== undefined && { status }),
        };
        lane.expects(call);
        return;
      }
      case 'end':
        if (line.lost !== undefined) call.uncompared ??= 'a part of it is missing in the recording';
        this.#over(call, lane, line.outcome);
    }
  }

  /** Gives up what takes too long. */
  sweep(now: number): void {
    for (const { call, lane } of this.#calls.values())
      if (!call.isStanding && call.sentAt !== undefined && now - call.sentAt > this.#options.timeoutMs)
        this.#giveUp(call, lane, `no answer within ${this.#options.timeoutMs / 1000} s`);
  }

  /** The recording has ended: what it has no end of is not waited for. */
  conclude(): void {
    for (const { call, lane } of this.#calls.values())
      if (call.outcome === undefined) {
        call.uncompared ??= 'the recording ends before it';
        this.#over(call, lane, 'cancelled');
      }
  }

  /** Ends all sessions and connections. */
  async close(): Promise<void> {
    for (const lane of this.#lanes.values()) this.#closing.add(lane.wire.close());
    this.#lanes.clear();
    await Promise.all(this.#closing);
  }

  #begin(recorded: RecordedCall, dueAt: number): void {
    const { tally, ignoring } = this.#options;
    if (recorded.withheld === true) return tally.skip('its params were withheld');
    const call = new ReplayedCall(recorded, dueAt, ignoring);
    const lane = this.#laneOf(recorded);
    this.#calls.set(recorded.n, { call, lane });
    if (!call.isStanding) this.#busy.add(call);
    lane.open.add(call);
    const before = new Set([...lane.opening, ...lane.makersFor(call)]);
    if (lane.keepsOrder) for (const owed of lane.owed) before.add(owed);
    for (const other of before) other.dependents.push(call);
    call.waitsFor = before.size;
    if (call.waitsFor === 0) this.#send(call, lane);
  }

  #send(call: ReplayedCall, lane: Lane): void {
    // Given up while it waited.
    if (call.endedAt !== undefined) return;
    const { tally, isTimed } = this.#options;
    const now = performance.now();
    call.sentAt = now;
    if (!isTimed) call.dueAt = now;
    const { recorded } = call;
    if (!isOwn(call)) tally.began(call, now);
    call.abort = lane.wire.send(
      {
        message: lane.messageFor(call, ++ids),
        revision: recorded.revision,
        accept: recorded.accept,
        headers: recorded.headers,
      },
      {
        heard: (message) => {
          if (message.id !== undefined) this.#asked(call, lane, message);
          else call.told('actual', lane.asRecorded(call, message));
        },
        ended: (how) => this.#ended(call, lane, how),
      },
    );
  }

  #asked(call: ReplayedCall, lane: Lane, message: JsonRpcCall): void {
    this.#busy.delete(call);
    lane.asked(call, message);
    this.#options.changed();
  }

  #ended(call: ReplayedCall, lane: Lane, how: NonNullable<ReplayedCall['how']>): void {
    if (call.endedAt !== undefined) return;
    const now = performance.now();
    call.endedAt = now;
    call.how = how;
    this.#busy.delete(call);
    if (call.sentAt !== undefined && !isOwn(call)) this.#options.tally.answered(call, now);
    lane.owed.delete(call);
    lane.opening.delete(call);
    lane.learns(call);
    for (const dependent of call.dependents.splice(0))
      if (--dependent.waitsFor === 0) this.#send(dependent, lane);
    this.#settle(call, lane);
  }

  /** The recording has the end of a call. */
  #over(call: ReplayedCall, lane: Lane, outcome: string): void {
    call.outcome = outcome;
    lane.recordedAll(call);
    if (call.endedAt === undefined && !call.isStanding && !call.wasLeft) lane.owed.add(call);
    // Its client has gone then, and goes now.
    if (call.endedAt === undefined && (call.isStanding || call.wasLeft)) this.#giveUp(call, lane, 'given up');
    this.#settle(call, lane);
  }

  #giveUp(call: ReplayedCall, lane: Lane, failure: string): void {
    call.abort();
    this.#ended(call, lane, { failure });
  }

  #settle(call: ReplayedCall, lane: Lane): void {
    if (call.isSettled && this.#calls.delete(call.recorded.n)) {
      lane.forget(call);
      this.#options.tally.settled(call, call.compare(this.#options.ignoring));
      if (call.recorded.method === internalMethods.end) this.#retire(lane);
    }
    this.#options.changed();
  }

  #laneOf(call: RecordedCall): Lane {
    const known = this.#lanes.get(call.lane);
    // The one used last stands last.
    if (known !== undefined) this.#lanes.delete(call.lane);
    const lane = known ?? this.#openLane(call);
    this.#lanes.set(call.lane, lane);
    if (known === undefined) this.#makeRoom();
    this.#options.tally.lanes = this.#lanes.size;
    return lane;
  }

  #openLane(call: RecordedCall): Lane {
    const lane = new Lane(call.lane, (asked) => this.#options.wireFor(call, asked));
    // `p:` is a session of a profile, which has no beginning in any recording.
    const isSession = /^[sp]:/.test(lane.name) || (this.#options.joinsLate && lane.keepsOrder);
    if (isSession && call.method !== 'initialize' && revisionOf(call.revision)?.sessions === true)
      this.#initialize(lane, call);
    return lane;
  }

  /** A session whose beginning the recording does not have gets one. */
  #initialize(lane: Lane, { n, t, revision, transport, lane: name }: RecordedCall): void {
    const make = (part: number, more: Pick<RecordedCall, 'method' | 'params' | 'id'>): ReplayedCall =>
      new ReplayedCall(
        { kind: 'call', n: -n - part, t, lane: name, transport, revision, ...more },
        performance.now(),
        this.#options.ignoring,
      );
    const capabilities = { elicitation: {}, sampling: {}, roots: {} };
    const clientInfo = { name: 'sluice-replay', version: '1' };
    const params = { protocolVersion: revision, capabilities, clientInfo };
    const opening = make(0.25, { id: 'initialize', method: 'initialize', params });
    const told = make(0.5, { method: 'notifications/initialized' });
    told.waitsFor = 1;
    opening.dependents.push(told);
    for (const call of [opening, told]) {
      call.outcome = 'success';
      call.uncompared = 'made by the replay itself';
      lane.opening.add(call);
    }
    this.#lanes.set(name, lane);
    this.#send(opening, lane);
  }

  #makeRoom(): void {
    if (this.#lanes.size <= this.#options.maxLanes) return;
    for (const lane of this.#lanes.values()) if (lane.open.size === 0) return this.#drop(lane);
  }

  /** Its session has ended, and is asked for all the same by some: after a while it is forgotten. */
  #retire(lane: Lane): void {
    this.#retired.push(lane);
    const oldest = this.#retired.length > maxRetired ? this.#retired.shift() : undefined;
    if (oldest?.open.size === 0) this.#drop(oldest);
  }

  #drop(lane: Lane): void {
    if (this.#lanes.get(lane.name) === lane) this.#lanes.delete(lane.name);
    const closed = lane.wire.close();
    this.#closing.add(closed);
    void closed.then(() => this.#closing.delete(closed));
  }
}

/** One that the recording does not have. */
const isOwn = ({ recorded }: ReplayedCall): boolean => recorded.n < 0;
