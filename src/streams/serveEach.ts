import { Subscription, type Observable } from 'rxjs';
import { answer } from './answer.js';
import type { Exchange, Pipeline } from './exchange.js';
import type { Latest } from './latest.js';
import type { LiveCall, LiveCalls } from './liveCalls.js';

export interface ServeEachOptions {
  readonly calls: LiveCalls;
  /** Takes each exchange that arrives and gives the one to go on with: for whoever watches what leaves. Must not throw. */
  readonly begun?: ((exchange: Exchange) => Exchange) | undefined;
  /** Told once of every exchange that has ended, however it did: for log, audit, metrics. Must not throw. */
  readonly ended: (exchange: Exchange) => void;
}

/**
 * Subscribes the pipeline for each exchange, in exactly one place.
 *
 * > Each call has its own subscription: it can be cancelled alone, and its error ends nothing but itself.
 *
 * The pipeline is read when the exchange arrives; one that is in flight finishes on the pipeline it began with. Unsubscribing
 * stops taking exchanges; calls in flight go on (see {@link LiveCalls} for ending them).
 */
export const serveEach = (
  source: Observable<Exchange>,
  pipeline: Latest<Pipeline>,
  { calls, begun, ended }: ServeEachOptions,
): Subscription =>
  source.subscribe((arrived) => {
    const exchange = begun === undefined ? arrived : begun(arrived);
    const { outlet, origin, notes } = exchange;
    const subscription = new Subscription();
    const call: LiveCall = { exchange, subscription, places: undefined };
    calls.add(call);
    // Runs whichever way the call ends: answered, cancelled, or its client gone.
    subscription.add(() => {
      calls.remove(call);
      notes.outcome ??= 'cancelled';
      ended(exchange);
    });
    outlet.onGone((why) => {
      if (why === 'slow') notes.outcome = 'slow_consumer';
      if (why === 'slow' || origin.revision.leavingCancels || exchange.message.id === undefined)
        subscription.unsubscribe();
    });
    // Its client was gone already: nothing has been sent yet, and nothing should be.
    if (subscription.closed) return;
    subscription.add(
      answer(pipeline.current, exchange).subscribe({
        next: (reply) => outlet.next(reply),
        complete: () => {
          outlet.complete();
          subscription.unsubscribe();
        },
      }),
    );
  });
