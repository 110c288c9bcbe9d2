import {
  ReplaySubject,
  defer,
  of,
  retry,
  tap,
  throwError,
  timeout,
  timer,
  type Observable,
  type Subscription,
} from 'rxjs';
import { refusal } from '../../../protocol/errors.js';
import type { Log } from '../../../streams/log.js';
import type { EraName } from '../mcp/detectEra.js';
import type { UpstreamEra } from '../mcp/upstreamEra.js';
import type { OpenedEra } from './openStdioEra.js';
import { ProcessEnded } from './processEnded.js';

/** Pause before a restart: doubled after each life that was short, between these bounds, in milliseconds. */
const firstPauseMs = 250;
const longestPauseMs = 30_000;
/** A process that could be used for this long was not in vain, in milliseconds. */
const steadyMs = 30_000;
/** How long a call waits for a process that is starting unless it says otherwise, in milliseconds: some are fetched first. */
const patienceMs = 10_000;

export interface SuperviseOptions {
  readonly name: string;
  readonly protocol: 'auto' | EraName;
  readonly log: Log;
  /** One life of the process, in one of these eras, the likelier one first. */
  readonly life: (eras: readonly EraName[]) => Observable<OpenedEra>;
  /** Told when a process can be spoken to. */
  readonly opened: () => void;
}

/** A process that is kept alive once it was needed. */
export interface Supervision {
  /**
   * The era to speak to it, at once while it runs. Errors: `ERR_UPSTREAM_UNREACHABLE` when none can be had soon.
   *
   * @param connectMs how long a process that is starting is waited for; 10 s if not given
   */
  era(connectMs?: number): Observable<UpstreamEra>;
  /** Ends it for good. */
  stop(): void;
}

/**
 * Starts a process when it is first needed, and again with growing pauses when it ends.
 *
 * What it was found to speak is tried first the next time. One that dies of the modern question is started again at once, and
 * asked the legacy one.
 */
export const supervise = ({ name, protocol, log, life, opened }: SuperviseOptions): Supervision => {
  let verdict: EraName | undefined;
  let running: UpstreamEra | undefined;
  let readyAt = Infinity;
  let waiting = new ReplaySubject<UpstreamEra>(1);
  let nextStartAt = 0;
  let shortLives = 0;
  let lives: Subscription | undefined;

  const eras = (): readonly EraName[] => {
    if (protocol !== 'auto') return [protocol];
    return verdict === 'legacy' ? ['legacy', 'modern'] : ['modern', 'legacy'];
  };

  /** The pause after a life that ended so. */
  const pauseAfter = (error: unknown): number => {
    const diedOfProbe =
      verdict === undefined && protocol === 'auto' && error instanceof ProcessEnded && error.started;
    if (running === undefined && diedOfProbe) {
      verdict = 'legacy';
      return 0;
    }
    shortLives = Date.now() - readyAt >= steadyMs ? 0 : shortLives + 1;
    const pause = Math.min(longestPauseMs, firstPauseMs * 2 ** Math.max(0, shortLives - 1));
    return pause * (0.75 + Math.random() / 4);
  };

  const restart = (error: unknown): Observable<unknown> => {
    const pauseMs = pauseAfter(error);
    nextStartAt = Date.now() + pauseMs;
    const reason = error instanceof ProcessEnded ? error.cause : { err: error };
    log.warn(
      { server: name, ...(reason as object), restartInMs: Math.round(pauseMs) },
      'the server process ended',
    );
    // Whoever waited for this start is told; a start that is repeated at once is the same one to him.
    if (running === undefined && pauseMs > 0) {
      const told = waiting;
      waiting = new ReplaySubject(1);
      told.error(unreachable(error));
    }
    running = undefined;
    readyAt = Infinity;
    return timer(pauseMs);
  };

  const start = (): Subscription =>
    defer(() => life(eras()))
      .pipe(
        tap((found) => {
          log.info({ server: name, era: found.name }, 'the server process is ready');
          verdict = found.name;
          running = found.era;
          readyAt = Date.now();
          const told = waiting;
          waiting = new ReplaySubject(1);
          opened();
          told.next(found.era);
          told.complete();
        }),
        retry({ delay: restart }),
      )
      .subscribe();

  return {
    era: (connectMs = patienceMs) =>
      defer(() => {
        if (running !== undefined) return of(running);
        lives ??= start();
        if (nextStartAt - Date.now() > connectMs) return throwError(() => unreachable(undefined));
        return waiting.pipe(timeout({ first: connectMs, with: () => throwError(() => notReady(connectMs)) }));
      }),
    stop() {
      lives?.unsubscribe();
      lives = undefined;
      running = undefined;
      waiting.error(unreachable(undefined));
    },
  };
};

const unreachable = (cause: unknown): Error =>
  refusal('ERR_UPSTREAM_UNREACHABLE', "The backend's process is not running", { cause });

const notReady = (ms: number): Error =>
  refusal(
    'ERR_UPSTREAM_UNREACHABLE',
    `The backend's process was not ready within ${ms} ms, the limit for a connection (connect)`,
    { outcome: 'timeout', data: { limit: 'connect', ms } },
  );
