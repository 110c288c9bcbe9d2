import { map, merge } from 'rxjs';
import type { Pipeline } from '../streams/exchange.js';
import { latest, type LiveLatest } from '../streams/latest.js';
import { pipelineOf, type PipelineParts } from './pipelineOf.js';

/** The pipeline of the moment: built anew whenever the settings or the keys of sealed state change. */
export const pipelinesOf = (parts: PipelineParts): LiveLatest<Pipeline> => {
  const { configured, keys } = parts;
  const build = pipelineOf(parts);
  return latest(
    merge(configured.changes$, keys.changes$).pipe(map(() => build(configured.current))),
    build(configured.current),
  );
};
