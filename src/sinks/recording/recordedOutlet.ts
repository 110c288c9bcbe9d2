import type { Departure, Outlet } from '../../streams/exchange.js';
import type { Answer, AskReply, Reply } from '../../streams/reply.js';
import type { Valve } from '../../streams/valve.js';

/** Who is told of what passes. Must not throw. */
export interface OutletWitness {
  /** @param ask its number, of a question to the client */
  replied(reply: Reply, ask?: number): void;
  /** What the client answered to a question. */
  answered(ask: number, given: Answer): void;
}

/** An outlet that has a witness of all that leaves by it, and is otherwise the one it stands for. */
export class RecordedOutlet implements Outlet {
  readonly #outlet: Outlet;
  readonly #witness: OutletWitness;
  #asks = 0;

  constructor(outlet: Outlet, witness: OutletWitness) {
    this.#outlet = outlet;
    this.#witness = witness;
  }

  get valve(): Valve {
    return this.#outlet.valve;
  }

  get away(): boolean {
    return this.#outlet.away === true;
  }

  announce(headers: Readonly<Record<string, string>>): void {
    this.#outlet.announce?.(headers);
  }

  onGone(listener: (why: Departure) => void): void {
    this.#outlet.onGone(listener);
  }

  next(reply: Reply): void {
    if (reply.kind === 'ask') return this.#ask(reply);
    this.#witness.replied(reply);
    this.#outlet.next(reply);
  }

  error(error: unknown): void {
    this.#outlet.error(error);
  }

  complete(): void {
    this.#outlet.complete();
  }

  /** A client that can't be asked is not: the outlet refuses at once in its name. */
  #ask(reply: AskReply): void {
    const asked = { number: 0, isRefused: false };
    this.#outlet.next({
      ...reply,
      answer: (given) => {
        if (asked.number === 0) asked.isRefused = true;
        else this.#witness.answered(asked.number, given);
        reply.answer(given);
      },
    });
    if (asked.isRefused) return;
    asked.number = ++this.#asks;
    this.#witness.replied(reply, asked.number);
  }
}
