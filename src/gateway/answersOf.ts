import type { Registry } from 'prom-client';
import { filter, switchMap, take, type Subscription } from 'rxjs';
import type { Settings } from '../config/settings.js';
import type { Secrets } from '../protocol/sealer.js';
import { cacheMetrics } from '../sinks/metrics/cacheMetrics.js';
import { memoryAnswers } from '../stores/memoryAnswers.js';
import type { AnswerStore } from '../streams/answers.js';
import type { Catalog } from '../streams/catalog.js';
import { drain } from '../streams/drain.js';
import type { Latest } from '../streams/latest.js';
import { staleAnswers } from '../streams/staleAnswers.js';
import type { Stores } from './stores.js';

export interface AnswersOfOptions {
  readonly settings: Latest<Settings>;
  readonly stores: Pick<Stores, 'answers'>;
  readonly keys: Latest<Secrets>;
  readonly catalog: Latest<Catalog>;
  readonly registry: Registry;
}

/**
 * Where answers of servers are remembered. From when the configuration first wants that, what servers say has changed is forgotten.
 *
 * @param until closes it
 */
export const answersOf = (
  { settings, stores, keys, catalog, registry }: AnswersOfOptions,
  until: Subscription,
): AnswerStore => {
  const shared = settings.current.cache?.store === 'shared' ? stores.answers?.(keys) : undefined;
  const answers = shared ?? memoryAnswers(() => settings.current.cache?.maxBytes ?? 0);
  const stale$ = settings.changes$.pipe(
    filter(({ cache }) => cache !== undefined),
    take(1),
    switchMap(() => staleAnswers(catalog)),
  );
  until.add(drain(stale$, (tags) => answers.forget(tags)));
  until.add(() => answers.close());
  cacheMetrics(registry, answers);
  return answers;
};
