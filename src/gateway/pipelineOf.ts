import type { Settings } from '../config/settings.js';
import { cursors } from '../protocol/cursor.js';
import type { Secrets } from '../protocol/sealer.js';
import { taskIds } from '../protocol/taskIds.js';
import { clientAddress } from '../streams/clientAddress.js';
import type { Counters } from '../streams/counters.js';
import type { Pipeline } from '../streams/exchange.js';
import type { Latest } from '../streams/latest.js';
import { limiter } from '../streams/limiter.js';
import { gatewayPipeline, type Feeds, type PipelineOptions } from '../streams/pipeline.js';
import { rateLimits } from '../streams/rateLimits.js';
import { streamLimits, streamSlots } from '../streams/streamLimits.js';
import { limitsOf } from './limitsOf.js';
import { redactionsOf } from './redactionsOf.js';
import type { TaskKeeping } from './taskKeeping.js';

/** What a pipeline needs that does not follow from the settings. */
export type PipelineParts = Omit<Feeds, 'tasks' | 'limiter'> &
  Omit<
    PipelineOptions,
    'cursors' | 'pageSize' | 'limitsOf' | 'redactions' | 'touchMs' | 'listening' | 'streamLimits' | 'rates'
  > & {
    /** The configuration as it stands in its file, without what was discovered: only its changes need another pipeline. */
    readonly configured: Latest<Settings>;
    readonly counters: Counters;
    readonly keys: Latest<Secrets>;
    readonly kept: TaskKeeping;
    /** Pace of what clients are told of changes; see `ListenOptions`. */
    readonly pace: Pick<PipelineOptions['listening'], 'settleMs' | 'everyMs'>;
  };

/** Builds pipelines of settings; all of them count the streams of clients together. */
export const pipelineOf = (parts: PipelineParts): ((now: Settings) => Pipeline) => {
  const { keys, kept, pace } = parts;
  const slots = streamSlots();
  const counting = limiter(parts.counters);
  return (now) => {
    const addressOf = clientAddress(now.http.trustedProxies);
    return gatewayPipeline(
      { ...parts, limiter: counting, tasks: { ...kept, ids: taskIds(keys.current), ttlMs: now.tasks.ttlMs } },
      {
        ...parts,
        cursors: cursors(...keys.current),
        pageSize: now.pageSize,
        limitsOf: limitsOf(now),
        redactions: redactionsOf(now, keys.current),
        touchMs: now.sessions.ttlMs / 3,
        listening: { ...pace, maxStreams: now.streams.listen, maxResources: now.streams.resources },
        rates: rateLimits(now, addressOf),
        streamLimits: streamLimits(now.streams, slots, addressOf),
      },
    );
  };
};
