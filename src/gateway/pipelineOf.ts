import type { AgedLists } from '../handlers/list.js';
import { cursors } from '../protocol/cursor.js';
import type { Secrets } from '../protocol/sealer.js';
import { taskIds } from '../protocol/taskIds.js';
import type { AnswerStore } from '../streams/answers.js';
import { cacheRules } from '../streams/cacheRules.js';
import { clientAddress } from '../streams/clientAddress.js';
import type { Counters } from '../streams/counters.js';
import type { Pipeline } from '../streams/exchange.js';
import type { Latest } from '../streams/latest.js';
import { limiter } from '../streams/limiter.js';
import { gatewayPipeline, type Feeds, type PipelineOptions } from '../streams/pipeline.js';
import { rateLimits } from '../streams/rateLimits.js';
import { streamLimits, streamSlots } from '../streams/streamLimits.js';
import type { Log } from '../streams/log.js';
import type { Assembly } from './assembling.js';
import { toolSearchOf } from '../streams/toolSearch.js';
import { transforms } from '../streams/transforms.js';
import { limitsOf } from './limitsOf.js';
import type { Metrics } from './metrics.js';
import { redactionsOf } from './redactionsOf.js';
import type { TaskKeeping } from './taskKeeping.js';

/** What a pipeline needs that does not follow from the settings. */
export type PipelineParts = Omit<Feeds, 'tasks' | 'limiter'> &
  Omit<
    PipelineOptions,
    | 'cursors'
    | 'pageSize'
    | 'limitsOf'
    | 'redactions'
    | 'caching'
    | 'transforms'
    | 'aged'
    | 'search'
    | 'touchMs'
    | 'listening'
    | 'streamLimits'
    | 'rates'
    | 'custom'
    | 'context'
  > & {
    /** The configuration as it stands in its file, without what was discovered: only its changes need another pipeline. */
    readonly assembly: Latest<Assembly>;
    readonly measured: Pick<Metrics, 'registry'>;
    readonly log: Log;
    readonly roster: AgedLists['roster'];
    /** Answers that are remembered. */
    readonly answers: AnswerStore;
    /** Whether the pipeline is only looked at. */
    readonly isTrial?: boolean;
    readonly counters: Counters;
    readonly keys: Latest<Secrets>;
    readonly kept: TaskKeeping;
    /** Pace of what clients are told of changes; see `ListenOptions`. */
    readonly pace: Pick<PipelineOptions['listening'], 'settleMs' | 'everyMs'>;
  };

/** Builds pipelines; all of them count the streams of clients together. */
export const pipelineOf = (parts: PipelineParts): ((assembly: Assembly) => Pipeline) => {
  const { keys, kept, pace, catalog, counters, answers, measured, log, isTrial = false } = parts;
  const slots = streamSlots();
  const counting = limiter(parts.counters);
  return ({ settings: now, custom }) => {
    const addressOf = clientAddress(now.http.trustedProxies);
    return gatewayPipeline(
      { ...parts, limiter: counting, tasks: { ...kept, ids: taskIds(keys.current), ttlMs: now.tasks.ttlMs } },
      {
        ...parts,
        custom,
        context: {
          settings: now,
          catalog,
          counters,
          keys,
          log,
          isTrial,
          get metrics() {
            return measured.registry();
          },
        },
        cursors: cursors(...keys.current),
        pageSize: now.pageSize,
        limitsOf: limitsOf(now),
        aged: now.cache && { maxAgeMs: now.cache.lists, roster: parts.roster },
        caching: now.cache && { rules: cacheRules(now.cache, now.naming.separator), answers, now: parts.now },
        redactions: redactionsOf(now, keys.current),
        transforms: transforms(now.transform),
        search: toolSearchOf(now, parts.log),
        touchMs: now.sessions.ttlMs / 3,
        listening: { ...pace, maxStreams: now.streams.listen, maxResources: now.streams.resources },
        rates: rateLimits(now, addressOf),
        streamLimits: streamLimits(now.streams, slots, addressOf),
      },
    );
  };
};
