import { EMPTY, merge, of, switchMap } from 'rxjs';
import type { Pipeline } from '../streams/exchange.js';
import { latest, type LiveLatest } from '../streams/latest.js';
import { pipelineOf, type PipelineParts } from './pipelineOf.js';

/** The pipeline of the moment: built anew whenever the settings, a chain of one's own or the keys of sealed state change. */
export const pipelinesOf = (parts: PipelineParts): LiveLatest<Pipeline> => {
  const { assembly, keys } = parts;
  const build = pipelineOf(parts);
  const { log } = parts;
  const rebuilt = () => {
    try {
      return of(build(assembly.current));
    } catch (error) {
      // It was tried before, so this is a chain that works only at times; calls must not go past it.
      log.error(
        { event: 'pipeline_rejected', cause: error },
        'The pipeline can not be built: the one before stays in force',
      );
      return EMPTY;
    }
  };
  return latest(merge(assembly.changes$, keys.changes$).pipe(switchMap(rebuilt)), build(assembly.current));
};
