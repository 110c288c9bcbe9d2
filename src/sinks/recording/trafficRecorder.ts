import { internalMethods } from '../../protocol/methods.js';
import type { Exchange } from '../../streams/exchange.js';
import type { Answer, Reply } from '../../streams/reply.js';
import { isDecided } from './isDecided.js';
import { Lanes, type Lane } from './lanes.js';
import { RecordedOutlet } from './recordedOutlet.js';

/** A call that is recorded. */
export interface TrackedCall {
  readonly exchange: Exchange;
  /** Milliseconds of `performance.now()`. */
  readonly startedAt: number;
  /** Undefined until it is known; see {@link Lanes.of}. */
  lane: Lane | undefined;
  /** Its number; undefined until it is written. */
  n: number | undefined;
  /** How much of it found no room. */
  lost: number;
  /** Nothing of it is written. */
  skipped: boolean;
}

/** What happened to a call, as it happened: nothing is written or looked into yet. */
export interface TrafficEvent {
  readonly call: TrackedCall;
  readonly at: number;
  readonly what: 'call' | 'reply' | 'given' | 'end';
  readonly reply?: Reply;
  readonly ask?: number | undefined;
  readonly given?: Answer;
}

export interface TrafficRecorderOptions {
  /** Share of sessions to be recorded. */
  readonly sample: number;
  /** Most events that wait. */
  readonly maxWaiting: number;
  /** Writes what happened: all that is slow. */
  readonly write: (event: TrafficEvent) => void;
  /** Told of each event that finds no room. */
  readonly onDropped: () => void;
}

/** How long events wait for company, in milliseconds. */
const pauseMs = 50;
/** How long a call may take until it is known what decides over its redaction, in milliseconds. */
const patienceMs = 250;
/** So many events are written before others have a turn. */
const slice = 128;

/** They tell of what the recording has elsewhere: answers with what was asked, a stream that goes on in the call it belongs to. */
const told: ReadonlySet<string> = new Set([internalMethods.response, internalMethods.resume]);

/**
 * Keeps what passes a gateway, call by call and reply by reply. On the way of a call it only takes notes; they are written, in the order
 * things happened, when nobody waits.
 */
export class TrafficRecorder {
  readonly #options: TrafficRecorderOptions;
  readonly #lanes: Lanes;
  readonly #calls = new WeakMap<object, TrackedCall>();
  #waiting: TrafficEvent[] = [];
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: TrafficRecorderOptions) {
    this.#options = options;
    this.#lanes = new Lanes(options.sample);
  }

  /** Takes an exchange that has arrived and gives the one to go on with. */
  begun(exchange: Exchange): Exchange {
    if (this.#closed || told.has(exchange.message.method) || isOwn(exchange)) return exchange;
    // The same for each of its calls: what is not recorded costs nothing more.
    const lane = this.#options.sample < 1 ? this.#lanes.of(exchange) : undefined;
    if (lane?.sampled === false) return exchange;
    const startedAt = performance.now();
    const call: TrackedCall = { exchange, startedAt, lane, n: undefined, lost: 0, skipped: false };
    if (!this.#take({ call, at: startedAt, what: 'call' })) return exchange;
    this.#calls.set(exchange.notes, call);
    const outlet = new RecordedOutlet(exchange.outlet, {
      replied: (reply, ask) => {
        const opened = reply.kind === 'result' ? reply.headers?.['mcp-session-id'] : undefined;
        if (opened !== undefined && exchange.message.method === 'initialize')
          call.lane ??= this.#lanes.of(exchange) ?? this.#lanes.ofSession(opened);
        this.#take({ call, at: performance.now(), what: 'reply', reply, ask });
      },
      answered: (ask, given) => this.#take({ call, at: performance.now(), what: 'given', ask, given }),
    });
    return { ...exchange, outlet };
  }

  /** Told of every exchange that has ended. */
  ended({ notes }: Exchange): void {
    const call = this.#calls.get(notes);
    if (call === undefined) return;
    this.#calls.delete(notes);
    // Always: whoever replays must learn that it is over.
    this.#waiting.push({ call, at: performance.now(), what: 'end' });
    this.#wake();
  }

  /** Writes all that waits; nothing is taken after that. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    for (const event of this.#waiting.splice(0)) this.#write(event);
  }

  #take(event: TrafficEvent): boolean {
    if (this.#closed) return false;
    if (this.#waiting.length >= this.#options.maxWaiting) {
      event.call.lost++;
      this.#options.onDropped();
      return false;
    }
    this.#waiting.push(event);
    this.#wake();
    return true;
  }

  #wake(): void {
    if (!this.#closed) this.#timer ??= setTimeout(() => this.#flush(), pauseMs);
  }

  #flush(): void {
    const now = performance.now();
    let done = 0;
    for (const event of this.#waiting) {
      if (done >= slice || !isReady(event, now)) break;
      this.#write(event);
      done++;
    }
    this.#waiting = this.#waiting.slice(done);
    this.#timer = undefined;
    if (this.#waiting.length === 0) return;
    if (done >= slice) this.#timer = setTimeout(() => this.#flush(), 0);
    else this.#wake();
  }

  #write(event: TrafficEvent): void {
    const { call } = event;
    if (event.what === 'call') {
      call.lane ??= this.#lanes.of(call.exchange) ?? this.#lanes.ofNobody();
      call.skipped = !call.lane.sampled;
    }
    if (!call.skipped) this.#options.write(event);
  }
}

/** A connection's standing stream is opened by the connection itself. */
const isOwn = ({ message, origin }: Exchange): boolean =>
  message.method === internalMethods.stream && origin.transport !== 'http';

/** What is taken out of a call depends on the decision about it, and what it belongs to may come with its answer. */
const isReady = ({ call, at, what }: TrafficEvent, now: number): boolean => {
  if (what !== 'call' || now - at > patienceMs) return true;
  const { notes, message } = call.exchange;
  if (message.method === 'initialize') return call.lane !== undefined || notes.outcome !== undefined;
  return isDecided(call.exchange);
};
