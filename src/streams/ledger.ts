import { concatMap, of, type Observable } from 'rxjs';
import { exhausted } from '../protocol/exhausted.js';
import { rateLimitHeaders } from '../protocol/rateLimitHeaders.js';
import { estimatedTokens } from '../protocol/tokens.js';
import type { Counters, Limit, Taken } from './counters.js';
import { drain } from './drain.js';
import type { Exchange } from './exchange.js';
import { followed } from './followed.js';
import { prompted } from './prompted.js';
import type { Prompt } from './sessions.js';

/** How much there is of what is spent. */
export interface LedgerOptions {
  readonly counters: Counters;
  /** What it is called where it is told of. */
  readonly name: string;
  /** Most calls; undefined for any number. */
  readonly calls: number | undefined;
  /** Most tokens, estimated; undefined for any number. */
  readonly tokens: number | undefined;
  /** In what time, in milliseconds; of what is `total`, how long it is remembered. */
  readonly windowMs: number;
  readonly kind: 'quota' | 'total';
}

/** Whose account it is. */
export interface Owner {
  readonly key: string;
  /** What it is called in a refusal. */
  readonly of: 'session' | 'principal' | 'conversation';
}

/** What is left of something. */
export interface Left {
  readonly left: number;
  readonly max: number;
  /** When all of it is there again, in milliseconds. */
  readonly resetMs: number;
}

/** How an account stands for one call. */
export interface Account {
  readonly calls?: Left;
  readonly tokens?: Left;
}

/** What calls and tokens have been spent on, by whom. */
export class Ledger {
  readonly #options: LedgerOptions;

  constructor(options: LedgerOptions) {
    this.#options = options;
  }

  /**
   * Takes a call and the tokens of what was asked. Throws, or the Observable errors with, `ERR_BUDGET_EXCEEDED`.
   *
   * @returns what is left; at once where counting takes no waiting
   */
  open(exchange: Exchange, owner: Owner): Prompt<Account> {
    const { calls, tokens } = this.#options;
    const begun: Prompt<Account> =
      calls === undefined
        ? {}
        : followed(this.#take(exchange, owner, 'calls', calls, 1), (left) => ({ calls: left }));
    if (tokens === undefined) return begun;
    // The last one may ask for more than there is left: what it asks is refused, or all is.
    const units = Math.min(tokens, Math.max(1, estimatedTokens(exchange.message.params)));
    return followed(begun, (account) =>
      followed(this.#take(exchange, owner, 'tokens', tokens, units), (left) => ({
        ...account,
        tokens: left,
      })),
    );
  }

  /** Counts the tokens of an answer, which nothing waits for: what has been answered is spent. Gives how the account stands after that. */
  settle(owner: Owner, account: Account, answer: unknown): Account {
    const { tokens } = account;
    if (tokens === undefined) return account;
    const spent = estimatedTokens(answer);
    const { counters } = this.#options;
    const take = (units: number): Observable<Taken> =>
      prompted(counters.take(this.#keyOf(owner, 'tokens'), units, this.#limit(tokens.max)));
    // More than is left takes all that is left.
    const spend$ = take(Math.min(spent, tokens.max)).pipe(
      concatMap((taken) => (taken.allowed || taken.left === 0 ? of(taken) : take(taken.left))),
    );
    drain(spend$, () => undefined);
    return { ...account, tokens: { ...tokens, left: Math.max(0, tokens.left - spent) } };
  }

  /** Begins with the name under which it is told of. */
  #keyOf({ key }: Owner, what: string): string {
    return `${this.#options.name}.${what}\n${key}`;
  }

  #limit(max: number): Limit {
    const { windowMs, kind } = this.#options;
    return { max, windowMs, kind };
  }

  #take(
    { outlet }: Exchange,
    owner: Owner,
    what: 'calls' | 'tokens',
    max: number,
    units: number,
  ): Prompt<Left> {
    const { counters, name, windowMs } = this.#options;
    const limit = `${name}.${what}`;
    return followed(counters.take(this.#keyOf(owner, what), units, this.#limit(max)), (taken) => {
      const { allowed, left, fullMs } = taken;
      outlet.announce?.(rateLimitHeaders({ name: limit, max, windowMs, left, resetMs: fullMs }));
      if (allowed) return { left, max, resetMs: fullMs };
      throw exhausted('ERR_BUDGET_EXCEEDED', `The ${what} of this ${owner.of} are used up`, {
        limit,
        max,
        retryAfter: Math.max(1, Math.ceil(fullMs / 1000)),
        more: { of: owner.of, remaining: left, retryAfterMs: fullMs },
      });
    });
  }
}
