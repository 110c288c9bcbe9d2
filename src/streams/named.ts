import type { Exchange } from './exchange.js';
import { Marks } from './marks.js';
import { service, type Service } from './service.js';
import { stage, type Stage } from './stage.js';

interface Named {
  <Needs, Adds>(name: string, part: Stage<Needs, Adds>, pace?: 'quick'): Stage<Needs, Adds>;
  <E extends Exchange, R>(name: string, part: Service<E, R>, pace?: 'quick'): Service<E, R>;
}

/**
 * Gives a stage or a service the name by which traces, metrics, audit and the console know it: whatever enters it is marked so.
 *
 * > The only place that marks what enters; an operator knows nothing of it.
 *
 * ```ts
 * chain(named('authenticate', authenticate(identify)), named('tenant', tenant))
 * ```
 *
 * @param pace `quick` for what never waits and computes next to nothing: the clock is not read for it
 */
export const named = ((
  name: string,
  part: Stage<unknown, unknown> | Service<Exchange, unknown>,
  pace?: 'quick',
) => {
  const isQuick = pace === 'quick';
  const id = Marks.idOf(name);
  if ('step' in part) {
    const { step } = part;
    return stage<unknown, unknown>((exchange) => {
      exchange.notes.marks.enter(id, isQuick);
      return step(exchange);
    });
  }
  const { answer } = part;
  return service<Exchange, unknown>((exchange) => {
    exchange.notes.marks.enter(id, isQuick);
    return answer(exchange);
  });
}) as Named;
