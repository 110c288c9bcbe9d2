import { Observable } from 'rxjs';
import { fromUnknown, type GatewayError, type GatewayErrorCode } from '../../protocol/errors.js';
import { isFinal, type Reply } from '../reply.js';
import type { Watched } from '../silences.js';
import { GivenUp } from './givenUp.js';
import type { Revocable, Standing } from './standing.js';

export interface AttemptOptions {
  /** It may be given up and sent elsewhere. */
  readonly repeatable: boolean;
  /** Longest silence that the call itself allows, in milliseconds: one that is left after it was silent for so long has failed. */
  readonly patienceMs: number;
  /** Whether a result that says that the instance failed is to become an error, so that another attempt follows. */
  readonly goesOn: (fault: GatewayError) => boolean;
}

/** What speaks of the instance, and not of the call. */
const faults: ReadonlySet<GatewayErrorCode> = new Set<GatewayErrorCode>([
  'ERR_UPSTREAM_UNREACHABLE',
  'ERR_UPSTREAM_FAILED',
  'ERR_UPSTREAM_TIMEOUT',
]);

/**
 * One attempt at one of several instances; its end goes to the instance's standing.
 *
 * ```
 * attempt     ---------------…
 * attemptOn   -----#              silent for too long, or the instance was found dead: another one may be tried
 * ```
 *
 * Only a call that may be repeated is given up so, and only before its first reply: after that no other could take over.
 */
export const attemptOn = (
  standing: Standing,
  send: () => Observable<Reply>,
  { repeatable, patienceMs, goesOn }: AttemptOptions,
): Observable<Reply> =>
  new Observable((subscriber) => {
    const { attempts, scheduler } = standing.peers;
    const startedAt = scheduler.now();
    const ticket = standing.begin();
    let replied = false;
    let ended = false;
    const heard = (): void => {
      replied = true;
      standing.replied(scheduler.now() - startedAt);
      unwatch();
    };
    const blame = (error: GatewayError): void => {
      ended = true;
      if (faults.has(error.code)) standing.failed(ticket);
      else standing.abandoned(ticket);
    };
    const fail = (error: GatewayError): void => {
      blame(error);
      subscriber.error(error);
    };
    const watched: (Watched & Revocable) | undefined = repeatable
      ? {
          dueAt: 0,
          place: undefined,
          late: () => fail(gaveUpAfter(attempts?.ms ?? 0)),
          giveUp: () => fail(new GivenUp('The backend has stopped answering')),
        }
      : undefined;
    const unwatch = (): void => {
      if (watched === undefined) return;
      attempts?.end(watched);
      revocable?.leave();
    };
    if (watched !== undefined) attempts?.touch(watched);
    const revocable = watched && standing.watch(watched);
    subscriber.add(() => {
      unwatch();
      if (ended) return;
      ended = true;
      // Its client left, or its limit, which is watched further out, has run out.
      if (!replied && scheduler.now() - startedAt >= patienceMs) standing.failed(ticket);
      else standing.abandoned(ticket);
    });
    subscriber.add(
      send().subscribe({
        next(reply) {
          if (!replied) heard();
          if (isFinal(reply) && !ended) {
            if (reply.kind === 'result' && reply.fault !== undefined) {
              if (goesOn(reply.fault)) return void fail(reply.fault);
              blame(reply.fault);
            } else {
              ended = true;
              standing.succeeded(ticket);
            }
          }
          subscriber.next(reply);
        },
        error(error: unknown) {
          if (ended) return;
          blame(fromUnknown(error));
          subscriber.error(error);
        },
        complete: () => subscriber.complete(),
      }),
    );
  });

const gaveUpAfter = (ms: number): GivenUp =>
  new GivenUp(`The backend was silent for ${ms} ms, the limit of an attempt (attempt_timeout)`, ms);
