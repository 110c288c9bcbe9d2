import { filter, Observable, timeout, type Subscription } from 'rxjs';
import { exhausted } from '../../protocol/exhausted.js';
import { refusal } from '../../protocol/errors.js';
import { untold, type Answered, type FromWorker, type Question, type ToWorker } from './messages.js';

type News = Exclude<ToWorker, { readonly answer: number }>;

/** A worker's way to the process that keeps the sessions. */
export interface Wire {
  /** False when nobody is at the other end any more. */
  send(message: FromWorker): boolean;
  /** What comes from there. Hot. */
  readonly messages$: Observable<ToWorker>;
}

/** Most questions without an answer; one more is refused. */
const maxOpen = 10_000;
const answerMs = 5000;

/** Questions and answers over a {@link Wire}. */
export class BookLink {
  readonly #wire: Wire;
  readonly #open = new Map<number, (answer: Answered) => void>();
  readonly #answers: Subscription;
  #count = 0;

  constructor(wire: Wire) {
    this.#wire = wire;
    this.#answers = wire.messages$.subscribe((message) => {
      if ('answer' in message) this.#open.get(message.answer)?.(message.body);
    });
  }

  /** What is told without having been asked for. */
  get news$(): Observable<News> {
    return this.#wire.messages$.pipe(filter((message): message is News => !('answer' in message)));
  }

  /** Asks, when subscribed. Errors with what was refused there, or `ERR_HOME_UNREACHABLE` when nobody answers. */
  ask(body: Question): Observable<Answered> {
    return new Observable<Answered>((subscriber) => {
      if (this.#open.size >= maxOpen)
        throw exhausted('ERR_OVERLOADED', 'Too much is asked of sessions at this moment: try again', {
          limit: 'questions',
          max: maxOpen,
        });
      const question = ++this.#count;
      this.#open.set(question, (answer) => {
        const { refused } = answer;
        if (refused === undefined) subscriber.next(answer);
        else subscriber.error(refusal(refused.code, refused.message, refused));
        subscriber.complete();
      });
      subscriber.add(() => this.#open.delete(question));
      if (!this.#wire.send({ question, body })) subscriber.error(unanswered());
    }).pipe(
      timeout({
        first: answerMs,
        with: () => {
          throw unanswered();
        },
      }),
    );
  }

  /** Tells, and waits for nothing. */
  tell(body: Question): void {
    this.#wire.send({ question: untold, body });
  }

  close(): void {
    this.#answers.unsubscribe();
  }
}

const unanswered = () =>
  refusal('ERR_HOME_UNREACHABLE', 'The process that keeps the sessions does not answer: try again', {
    headers: { 'retry-after': '1' },
  });
