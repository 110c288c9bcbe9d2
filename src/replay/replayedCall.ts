import type { JsonRpcCall } from '../protocol/jsonrpc.js';
import { internalMethods, listenMethod } from '../protocol/methods.js';
import type { RecordedCall } from '../protocol/recording/recordedLine.js';
import { comparable, type Answer } from './answers.js';
import { differences, type Difference } from '../protocol/differences.js';
import { Pairs } from './pairs.js';
import { unknownOutcome } from './unknownOutcome.js';
import type { Ended } from './wires/wire.js';

/** Takes out of a value what is not to be compared. */
export type Ignoring = (value: unknown) => unknown;

/** Streams that last until somebody ends them: when their events come is not theirs to say. */
const standing: ReadonlySet<string> = new Set([internalMethods.stream, listenMethod]);

/** A call of a recording that is made again: what it was then, and what it is now. */
export class ReplayedCall {
  readonly recorded: RecordedCall;
  /** When it is to be sent, of `performance.now()`. */
  dueAt: number;
  readonly isStanding: boolean;
  /** What it waits for before it can be sent. */
  waitsFor = 0;
  /** Who waits for its answer. */
  readonly dependents: ReplayedCall[] = [];
  sentAt: number | undefined;
  endedAt: number | undefined;
  how: Ended | undefined;
  /** What the recording has of its answer, and of its end. */
  answer: (Answer & { readonly status?: number }) | undefined;
  outcome: string | undefined;
  /** Why it can't be compared; undefined where it can. */
  uncompared: string | undefined;
  /** Questions to the client that have not found each other. */
  readonly asks: Pairs<JsonRpcCall>;
  readonly #notifications: Pairs<unknown>;
  readonly #found: Difference[] = [];
  abort: () => void = () => undefined;

  constructor(recorded: RecordedCall, dueAt: number, ignoring: Ignoring) {
    this.recorded = recorded;
    this.dueAt = dueAt;
    this.isStanding = standing.has(recorded.method);
    if (this.isStanding) this.uncompared = 'a stream that stands';
    else if (recorded.redacted === true) this.uncompared = 'its arguments were redacted';
    this.#notifications = new Pairs((there, here, index) => {
      const [expected, actual] = [ignoring({ notifications: [there] }), ignoring({ notifications: [here] })];
      this.#add(differences(expected, actual), (at) =>
        at.replace('/notifications/0', `/notifications/${index}`),
      );
    });
    this.asks = new Pairs((there, here, index) =>
      this.#add(differences(shown(there), shown(here)), (at) => `/asks/${index}${at}`),
    );
  }

  /** What it is counted under: the tool, prompt or method. */
  get name(): string {
    const { method, params } = this.recorded;
    const name = params?.['name'];
    return typeof name === 'string' && (method === 'tools/call' || method === 'prompts/get') ? name : method;
  }

  /** Whether both sides have ended. */
  get isSettled(): boolean {
    return this.endedAt !== undefined && this.outcome !== undefined;
  }

  /** Its client gave it up, then. */
  get wasLeft(): boolean {
    return this.outcome === 'cancelled' || this.outcome === 'slow_consumer';
  }

  told(side: 'recorded' | 'actual', message: JsonRpcCall): void {
    if (this.isStanding) return;
    const { method, params } = message;
    this.#notifications.push(side, comparable({ method, ...(params !== undefined && { params }) }));
  }

  /** Where the answer differs from the recorded one. Undefined where that can't be said. */
  compare(ignoring: Ignoring): readonly Difference[] | undefined {
    if (this.uncompared !== undefined || this.wasLeft) return undefined;
    const { response, status, failure } = this.how ?? {};
    if (failure !== undefined) return [{ at: '', expected: this.answer ?? null, actual: { failure } }];
    const here: Answer =
      response === undefined
        ? {}
        : 'error' in response
          ? { error: response.error }
          : { result: response.result };
    // Nobody knows what it should be, but that it should be none of a failure.
    if (this.outcome === unknownOutcome)
      return differences(undefined, here.error).map((one) => ({ ...one, at: '/error' }));
    const { status: expectedStatus, ...there } = this.answer ?? {};
    const expected = ignoring(comparableAnswer(there));
    const actual = ignoring(comparableAnswer(here));
    this.#add(differences(expected, actual), (at) => at);
    if (this.#differsInStatus(expectedStatus, status))
      this.#found.push({ at: '/status', expected: expectedStatus ?? 200, actual: status });
    this.#add(leftOver('notifications', this.#notifications.left), (at) => at);
    this.#add(leftOver('asks', this.asks.left), (at) => at);
    return this.#found;
  }

  /** A stream has the status 200 whatever its answer is, and a notification that was taken any of success. */
  #differsInStatus(expected: number | undefined, actual: number | undefined): boolean {
    if (actual === undefined || this.recorded.transport !== 'http') return false;
    if (expected === undefined) return actual >= 400;
    return actual !== 200 && actual !== expected;
  }

  #add(found: readonly Difference[], place: (at: string) => string): void {
    for (const { at, expected, actual } of found)
      if (this.#found.length < 20) this.#found.push({ at: place(at), expected, actual });
  }
}

const comparableAnswer = ({ result, error }: Answer): unknown => ({
  ...(result !== undefined && { result: comparable(result) }),
  ...(error !== undefined && { error: comparable(error) }),
});

/** What one side has and the other has not. */
const leftOver = (
  what: string,
  { recorded, actual, paired }: Pairs<unknown>['left'],
): readonly Difference[] =>
  [
    ...recorded.map((expected, index) => ({ at: `/${what}/${paired + index}`, expected, actual: undefined })),
    ...actual.map((here, index) => ({ at: `/${what}/${paired + index}`, expected: undefined, actual: here })),
  ].slice(0, 3);

const shown = ({ method, params }: JsonRpcCall): unknown =>
  comparable({ method, ...(params !== undefined && { params }) });
