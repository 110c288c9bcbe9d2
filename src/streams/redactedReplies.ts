import { asyncScheduler, Observable, type Unsubscribable } from 'rxjs';
import { fromUnknown } from '../protocol/errors.js';
import { TextParts, type Part } from '../protocol/redaction/textParts.js';
import type { Redactor } from '../protocol/redaction/redactor.js';
import type { TextRedactor } from '../protocol/redaction/textRedactor.js';
import type { Answer, AskReply, NotificationReply, Reply } from './reply.js';

/** What is redacted of replies, and of what is answered to questions among them. */
export interface ReplyRedaction {
  /** Of what a client answers. */
  readonly arguments: Redactor | undefined;
  /** Of what the server says. */
  readonly results: TextRedactor | undefined;
  /** How long a part of a text is held back, in milliseconds. */
  readonly holdMs: number;
}

/** Where a notification carries text that may be part of a longer one. */
const textKeys: Readonly<Record<string, string>> = {
  'notifications/progress': 'message',
  'notifications/message': 'data',
};

/**
 * The replies to a call, redacted. Texts of progress and of log messages come in parts, and a value may be spread over several: a part
 * that may go on in the next waits for it, for so long and no longer; everything else passes in its frame.
 *
 * ```
 * replies$          --p1--p2-----p3---r|      p1 ends in what may be the beginning of a value
 * redactedReplies   ------(12)---p3---r|      p2 has the rest, or shows that it was none
 * ```
 *
 * Errors with `ERR_CONTENT_REFUSED`, and leaves the backend, when a rule that refuses finds something.
 *
 * @param uri the resource that was asked for, which goes on to be called so
 */
export const redactedReplies = (
  replies$: Observable<Reply>,
  redaction: ReplyRedaction,
  uri?: string,
): Observable<Reply> =>
  new Observable((subscriber) => {
    const { results, holdMs } = redaction;
    let held: HeldTexts | undefined;
    /** What a rule refuses ends the call. */
    const orRefused = (act: () => void): void => {
      try {
        act();
      } catch (error) {
        subscriber.error(error);
      }
    };
    /** Most calls have no notifications. */
    const texts = (ofResults: TextRedactor): HeldTexts =>
      (held ??= new HeldTexts(ofResults, holdMs, {
        pass: (reply) => subscriber.next(reply),
        later: (act, ms) => asyncScheduler.schedule(() => orRefused(act), ms),
        now: () => asyncScheduler.now(),
      }));
    const pass = (reply: Reply): void => {
      if (results !== undefined && reply.kind === 'notification') texts(results).take(reply);
      else {
        held?.flush();
        subscriber.next(redacted(reply, redaction, uri));
      }
    };
    subscriber.add(
      replies$.subscribe({
        next: (reply) => orRefused(() => pass(reply)),
        error: (error: unknown) =>
          orRefused(() => {
            held?.flush();
            subscriber.error(error);
          }),
        complete: () =>
          orRefused(() => {
            held?.flush();
            subscriber.complete();
          }),
      }),
    );
    return () => held?.stop();
  });

const redacted = (reply: Reply, { arguments: sent, results }: ReplyRedaction, uri?: string): Reply => {
  switch (reply.kind) {
    case 'result':
      return results === undefined ? reply : { ...reply, result: results.message(reply.result, uri) };
    case 'error':
      return results === undefined ? reply : { ...reply, error: results.message(reply.error) };
    case 'ask': {
      const params = results === undefined ? reply.params : results.message(reply.params);
      return { ...reply, params, answer: sent === undefined ? reply.answer : answering(reply, sent) };
    }
    default:
      return reply;
  }
};

/** What a client answers is on its way to the server. */
const answering =
  ({ answer }: AskReply, sent: Redactor) =>
  (given: Answer): void => {
    let redactedAnswer: Answer;
    try {
      redactedAnswer = sent.message(given);
    } catch (error) {
      redactedAnswer = { error: fromUnknown(error).toJsonRpc() };
    }
    answer(redactedAnswer);
  };

interface Surroundings {
  readonly pass: (reply: Reply) => void;
  /** Does something after so many milliseconds. */
  readonly later: (act: () => void, ms: number) => Unsubscribable;
  readonly now: () => number;
}

/** A notification, and which of its params is the text that may go on; undefined where none is. */
interface Waiting {
  readonly reply: NotificationReply;
  readonly key: string | undefined;
}

/** The notifications of one call that wait for the next. */
class HeldTexts {
  readonly #texts: ReadonlyMap<string, TextParts<Waiting>>;
  readonly #results: TextRedactor;
  readonly #holdMs: number;
  readonly #around: Surroundings;
  #timer: Unsubscribable | undefined;
  #newest = 0;

  constructor(results: TextRedactor, holdMs: number, around: Surroundings) {
    this.#results = results;
    this.#holdMs = holdMs;
    this.#around = around;
    this.#texts = new Map(Object.keys(textKeys).map((method) => [method, new TextParts(results)]));
  }

  take(reply: NotificationReply): void {
    const texts = this.#texts.get(reply.method);
    if (texts === undefined) {
      this.flush();
      this.#around.pass({ ...reply, params: this.#results.message(reply.params) });
      return;
    }
    const key = textKeys[reply.method] ?? '';
    const { [key]: text, ...rest } = reply.params;
    if (typeof text === 'string')
      this.#pass(texts.push({ key, reply: { ...reply, params: this.#results.message(rest) } }, text));
    // Without a text it waits for its turn only.
    else {
      const params = this.#results.message(reply.params);
      this.#pass(texts.push({ key: undefined, reply: { ...reply, params } }, ''));
    }
    this.#newest = this.#around.now();
    if (this.#timer === undefined && this.#isHolding()) this.#sleep(this.#holdMs);
  }

  flush(): void {
    for (const texts of this.#texts.values()) this.#pass(texts.flush());
  }

  stop(): void {
    this.#timer?.unsubscribe();
  }

  #pass(parts: readonly Part<Waiting>[]): void {
    for (const { item, text } of parts) {
      const { key, reply } = item;
      this.#around.pass(key === undefined ? reply : { ...reply, params: { ...reply.params, [key]: text } });
    }
  }

  /** One timer for all that wait; it sleeps on for what came while it slept. */
  #sleep(ms: number): void {
    this.#timer = this.#around.later(() => {
      this.#timer = undefined;
      if (!this.#isHolding()) return;
      const left = this.#newest + this.#holdMs - this.#around.now();
      if (left > 0) this.#sleep(left);
      else this.flush();
    }, ms);
  }

  #isHolding(): boolean {
    return [...this.#texts.values()].some(({ size }) => size > 0);
  }
}
