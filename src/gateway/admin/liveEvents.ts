import type { ServerResponse } from 'node:http';
import { interval, type Subscription } from 'rxjs';
import { drain } from '../../streams/drain.js';
import { kept } from '../../streams/kept.js';
import type { Log } from '../../streams/log.js';
import { ApiError } from './apiError.js';
import { consoleHeaders } from './consoleHeaders.js';
import type { Person } from './person.js';
import type { SignIn } from './signIns.js';

/** What can be listened to. */
export const topics = ['overview', 'calls', 'servers', 'pipeline', 'config'] as const;
export type Topic = (typeof topics)[number];

/** One event. */
export interface LiveEvent {
  readonly event: string;
  readonly data: unknown;
}

/** What one topic has to tell those who see the same. */
export interface TopicSource {
  /** Ticks between two looks; a tick is a quarter of a second. */
  readonly every: number;
  /** What somebody is told first. */
  begin(tenant: string | undefined): Promise<readonly LiveEvent[]>;
  /** What is new since the last look for the same tenant. */
  next(tenant: string | undefined): Promise<readonly LiveEvent[]>;
  /** Nobody listens any more. */
  rest?(): void;
}

export interface LiveEventsOptions {
  readonly sources: Readonly<Record<Topic, TopicSource>>;
  /** Whether somebody is still let in. */
  readonly isKnown: (person: Person) => boolean;
  /** Ends sign-ins that are over. */
  readonly sweep: () => void;
  readonly log: Log;
}

interface Stream {
  readonly person: Person;
  readonly topics: ReadonlySet<Topic>;
  readonly response: ServerResponse;
  /** Whether it has been told what is told first. */
  hasBegun: boolean;
  silentTicks: number;
}

const tickMs = 250;
/** A comment is sent on a stream that was silent for so many ticks: 15 s. */
const heartbeatTicks = 60;
/** Live streams at a time: of all, and of one key or account. The listener takes 100 connections. */
const [maxStreams, maxOfOne] = [50, 10];
/** A reader that leaves more bytes unread is cut off, and comes back for a fresh state. */
const maxUnreadBytes = 512 * 1024;

/** The live side of the console: server-sent events. Nothing is looked at while nobody listens. */
export class LiveEvents {
  readonly #options: LiveEventsOptions;
  readonly #streams = new Set<Stream>();
  #ticking: Subscription | undefined;
  #ticks = 0;
  #busy = false;

  constructor(options: LiveEventsOptions) {
    this.#options = options;
  }

  /**
   * Opens a stream for somebody.
   *
   * @param wanted names of topics; unknown ones are none
   * @throws ApiError `ERR_TOO_MANY`
   */
  open(
    person: Person,
    signIn: SignIn | undefined,
    wanted: readonly string[],
  ): (response: ServerResponse) => void {
    const ofOne = [...this.#streams].filter((stream) => stream.person.by === person.by).length;
    if (this.#streams.size >= maxStreams || ofOne >= maxOfOne)
      throw new ApiError('ERR_TOO_MANY', 'Too many live streams are open: close some pages', {
        headers: { 'retry-after': '5' },
      });
    return (response) => {
      response.writeHead(200, {
        ...consoleHeaders,
        'content-type': 'text/event-stream',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
      });
      response.write('retry: 2000\n\n');
      const stream: Stream = {
        person,
        topics: new Set(topics.filter((topic) => wanted.includes(topic))),
        response,
        hasBegun: false,
        silentTicks: 0,
      };
      const forget = signIn?.onEnd(() => this.#end(stream));
      response.once('close', () => {
        forget?.();
        this.#streams.delete(stream);
        if (this.#streams.size === 0) this.#rest();
      });
      void this.#begin(stream);
    };
  }

  close(): void {
    for (const stream of this.#streams) this.#end(stream);
    this.#rest();
  }

  async #begin(stream: Stream): Promise<void> {
    this.#streams.add(stream);
    this.#ticking ??= drain(interval(tickMs), () => void this.#tick());
    try {
      for (const topic of stream.topics)
        send(stream, await this.#options.sources[topic].begin(stream.person.tenant));
      stream.hasBegun = true;
    } catch (error) {
      // It comes back in a moment: workers may be starting.
      this.#failed(error);
      stream.response.end();
    }
  }

  async #tick(): Promise<void> {
    // A look that takes longer than a tick is not started anew.
    if (this.#busy) return;
    this.#busy = true;
    this.#ticks++;
    if (this.#ticks % 4 === 0) this.#sweep();
    const looks = new Map<string, Promise<readonly LiveEvent[]>>();
    await Promise.all([...this.#streams].map((stream) => this.#look(stream, looks)));
    this.#busy = false;
  }

  async #look(stream: Stream, looks: Map<string, Promise<readonly LiveEvent[]>>): Promise<void> {
    const { tenant } = stream.person;
    if (!stream.hasBegun) return;
    for (const topic of stream.topics) {
      if (this.#ticks % this.#options.sources[topic].every !== 0) continue;
      send(stream, await kept(looks, `${topic} ${tenant ?? ''}`, () => this.#next(topic, tenant)));
    }
    if (++stream.silentTicks >= heartbeatTicks) write(stream, ': still here\n\n');
  }

  /** What is new; nothing where that can not be known now, as the next look will tell. */
  async #next(topic: Topic, tenant: string | undefined): Promise<readonly LiveEvent[]> {
    try {
      return await this.#options.sources[topic].next(tenant);
    } catch (error) {
      this.#failed(error);
      return [];
    }
  }

  #sweep(): void {
    this.#options.sweep();
    for (const stream of this.#streams) if (!this.#options.isKnown(stream.person)) this.#end(stream);
  }

  #end(stream: Stream): void {
    send(stream, [{ event: 'signed_out', data: {} }]);
    stream.response.end();
  }

  #rest(): void {
    this.#ticking?.unsubscribe();
    this.#ticking = undefined;
    for (const topic of topics) this.#options.sources[topic].rest?.();
  }

  #failed(error: unknown): void {
    this.#options.log.debug(
      { event: 'console_events_failed', cause: error },
      'The console could not be told what is new',
    );
  }
}

const send = (stream: Stream, events: readonly LiveEvent[]): void => {
  if (events.length === 0) return;
  write(
    stream,
    events.map(({ event, data }) => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`).join(''),
  );
};

const write = (stream: Stream, text: string): void => {
  const { response } = stream;
  if (response.destroyed || response.writableEnded) return;
  stream.silentTicks = 0;
  if (response.writableLength > maxUnreadBytes) response.destroy();
  else response.write(text);
};
