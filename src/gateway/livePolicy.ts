import { catchError, isObservable, map, of, tap, type Observable, type Subscription } from 'rxjs';
import type { Reading } from '../sources/consul/fromBlockingQuery.js';
import type { PolicyEngine } from '../sources/opa/policyEngine.js';
import { drain } from '../streams/drain.js';
import type { Log } from '../streams/log.js';
import type { Policy } from '../streams/policies.js';
import { faulty, readDecision } from '../streams/readDecision.js';

/** One source of policies as the health endpoints show it. */
export interface PolicyHealth {
  /** `gateway`, `shadow`, or the server that it belongs to. */
  readonly name: string;
  readonly kind: 'bundle' | 'rego' | 'server';
  /**
   * `stale` while the last good one decides in place of one that can't be used; `down` where there never was one: then nothing is allowed.
   * `unreachable`: a server that has not answered the last question, and nothing is allowed until it does.
   */
  readonly status: 'starting' | 'healthy' | 'stale' | 'down' | 'unreachable';
  /** What its maker calls this version. */
  readonly revision?: string;
  readonly loaded_at?: string;
  readonly since?: string;
  readonly reason?: string;
}

/** Another version of a policy has come. */
export type PolicyChange = Pick<PolicyHealth, 'name' | 'kind' | 'revision' | 'reason'>;

export interface LivePolicyOptions {
  readonly name: string;
  readonly kind: PolicyHealth['kind'];
  readonly log: Log;
  /** It may say something else now, or is known to be unusable. */
  readonly changed: () => void;
  /** Told of each version that decides from now on, and of each that can't be used. */
  readonly told: (change: PolicyChange) => void;
}

/** A source of policies that is followed: the newest good one answers. */
export class LivePolicy {
  readonly #options: LivePolicyOptions;
  readonly #following: Subscription;
  /** Resolves when it has been read, or can't be. */
  readonly settled: Promise<void>;
  #settle: () => void = () => undefined;
  #engine: PolicyEngine | undefined;
  #loadedAt = 0;
  #failure: { readonly since: number; readonly reason: string } | undefined;
  /** Why a server does not answer. */
  #silence: { readonly since: number; readonly reason: string } | undefined;

  constructor(readings$: Observable<Reading<PolicyEngine>>, options: LivePolicyOptions) {
    this.#options = options;
    this.settled = new Promise((resolve) => {
      this.#settle = resolve;
    });
    this.#following = drain(readings$, (reading) => this.#take(reading));
  }

  /** One of its decisions; `''` for the only one. */
  at(path: string, who: string): Policy {
    const name = path === '' ? who : `${who}:${path}`;
    return {
      name,
      isUsable: () => this.#engine !== undefined,
      decide: (input) => {
        const engine = this.#engine;
        if (engine === undefined) return faulty(name, this.#failure?.reason ?? 'The policy is not read yet');
        try {
          const said = engine.ask(path, input);
          if (!isObservable(said)) return readDecision(said, name);
          return said.pipe(
            tap(() => this.#answered(undefined)),
            map((answer) => readDecision(answer, name)),
            catchError((error: unknown) => {
              this.#answered(messageOf(error));
              return of(faulty(name, messageOf(error)));
            }),
          );
        } catch (error) {
          return faulty(name, messageOf(error));
        }
      },
    };
  }

  get health(): PolicyHealth {
    const { name, kind } = this.#options;
    const failure = this.#failure ?? this.#silence;
    return {
      name,
      kind,
      status: this.#status,
      ...(this.#engine !== undefined && {
        ...(this.#engine.revision !== '' && { revision: this.#engine.revision }),
        loaded_at: new Date(this.#loadedAt).toISOString(),
      }),
      ...(failure !== undefined && { since: new Date(failure.since).toISOString(), reason: failure.reason }),
    };
  }

  close(): void {
    this.#following.unsubscribe();
  }

  get #status(): PolicyHealth['status'] {
    if (this.#failure !== undefined) return this.#engine === undefined ? 'down' : 'stale';
    if (this.#engine === undefined) return 'starting';
    return this.#silence === undefined ? 'healthy' : 'unreachable';
  }

  /** @param reason why there was no answer; undefined where there was one */
  #answered(reason: string | undefined): void {
    if ((reason === undefined) === (this.#silence === undefined)) return;
    const { name: policy, log } = this.#options;
    this.#silence = reason === undefined ? undefined : { since: Date.now(), reason };
    if (reason === undefined) log.info({ event: 'policy_back', policy }, 'The policy answers again');
    else
      log.error(
        { event: 'policy_unanswered', policy, reason },
        `${reason}\nWhat this policy has to decide is refused until it answers.`,
      );
  }

  #take({ value, failure }: Reading<PolicyEngine>): void {
    const { name, kind, log, changed, told } = this.#options;
    this.#settle();
    if (failure !== undefined) {
      if (this.#failure?.reason === failure) return;
      this.#failure = { since: this.#failure?.since ?? Date.now(), reason: failure };
      const remains =
        this.#engine === undefined ? 'nothing is allowed until it can be used' : 'the one before it stays';
      log.error(
        { event: 'policy_rejected', policy: name, reason: failure },
        `${failure}\nOf this policy ${remains}.`,
      );
      told({ name, kind, reason: failure });
      if (this.#engine === undefined) changed();
      return;
    }
    const was = this.#failure;
    this.#failure = undefined;
    if (value === this.#engine) {
      if (was !== undefined) log.info({ event: 'policy_back', policy: name }, 'The policy can be read again');
      return;
    }
    this.#engine = value;
    this.#loadedAt = Date.now();
    told({ name, kind, ...(value.revision !== '' && { revision: value.revision }) });
    log.info({ event: 'policy_loaded', policy: name, revision: value.revision }, 'A policy is in force');
    changed();
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
