import type { Observable } from 'rxjs';
import type { Settings } from '../config/settings.js';
import { hazelcastAnswers } from '../stores/hazelcast/hazelcastAnswers.js';
import { hazelcastCounters } from '../stores/hazelcast/hazelcastCounters.js';
import { hazelcastEvents } from '../stores/hazelcast/hazelcastEvents.js';
import { hazelcastGrants } from '../stores/hazelcast/hazelcastGrants.js';
import { hazelcastHomes } from '../stores/hazelcast/hazelcastHomes.js';
import { hazelcastInstances } from '../stores/hazelcast/hazelcastInstances.js';
import { hazelcastLink, type HazelcastLink, type LinkState } from '../stores/hazelcast/hazelcastLink.js';
import { hazelcastSecrets } from '../stores/hazelcast/hazelcastSecrets.js';
import { hazelcastSessions } from '../stores/hazelcast/hazelcastSessions.js';
import { hazelcastTasks } from '../stores/hazelcast/hazelcastTasks.js';
import { memoryCounters } from '../stores/memoryCounters.js';
import { memoryEvents } from '../stores/memoryEvents.js';
import { memorySessions } from '../stores/memorySessions.js';
import type { Secrets } from '../protocol/sealer.js';
import { memoryTasks } from '../stores/memoryTasks.js';
import type { AnswerStore } from '../streams/answers.js';
import type { Counters } from '../streams/counters.js';
import type { EventStore } from '../streams/events.js';
import type { GrantStore } from '../streams/grants.js';
import type { Homes } from '../streams/homes.js';
import type { Latest } from '../streams/latest.js';
import type { Log } from '../streams/log.js';
import type { SessionStore } from '../streams/sessions.js';
import type { TaskStore } from '../streams/taskStore.js';
import { settledWithin } from './settledWithin.js';
import { storeBounds } from './storeBounds.js';

/** Where the gateway keeps what outlives a call. */
export interface Stores {
  readonly sessions: SessionStore;
  /** Events of streams, for clients that come back. */
  readonly events: EventStore;
  readonly tasks: TaskStore;
  /** What is used of limits. */
  readonly counters: Counters;
  /** Where sessions are at home; undefined for an instance that shares them with nobody. */
  readonly homes?: Homes;
  /** Tokens for servers, for all instances, sealed with these secrets; undefined where they stay in the process. */
  readonly grants?: (secrets: Latest<Secrets>) => GrantStore;
  /** Remembered answers, for all instances, sealed with these secrets; undefined where they stay in the process. */
  readonly answers?: (secrets: Latest<Secrets>) => AnswerStore;
  /** Secrets that instances share which were given none (see stateKeys.ts); subscribing may make some. */
  readonly secrets$?: Observable<Secrets>;
  /** Whether the cluster that keeps it can be asked; undefined without one. */
  cluster(): LinkState | undefined;
  close(): Promise<void>;
}

/** The stores that the settings name, in this process or shared on a cluster; they hold for the life of the gateway. */
export const storesOf = (settings: Settings, log: Log): Stores => {
  const { hazelcast } = settings.sessions;
  if (hazelcast !== undefined) return clusterStores(hazelcastLink(hazelcast, log), settings);
  const bounds = storeBounds(settings);
  const all = {
    sessions: memorySessions(bounds.sessions),
    events: memoryEvents(bounds.events),
    tasks: memoryTasks(bounds.tasks),
    counters: memoryCounters(bounds.counters),
  };
  return {
    ...all,
    cluster: () => undefined,
    close() {
      for (const store of Object.values(all)) store.close();
      return Promise.resolve();
    },
  };
};

const clusterStores = (link: HazelcastLink, settings: Settings): Stores => {
  const bounds = storeBounds(settings);
  const instances = hazelcastInstances(link);
  const homes = hazelcastHomes({ link, instances, ttlMs: bounds.sessions.ttlMs });
  const sessions = hazelcastSessions({ link, ...bounds.sessions });
  const tasks = hazelcastTasks({ link, instances, ...bounds.tasks });
  const counters = hazelcastCounters({ link, ...bounds.counters });
  const events = hazelcastEvents({ link, instances, ...bounds.events });
  return {
    sessions,
    events,
    tasks,
    counters,
    homes,
    grants: (secrets) => hazelcastGrants(link, secrets),
    answers: (secrets) => hazelcastAnswers({ link, secrets, ...bounds.answers }),
    secrets$: hazelcastSecrets({
      link,
      overlapMs: Math.max(settings.state.ttlMs, settings.tasks.ttlMs, dayMs),
    }),
    cluster: () => link.state.current,
    async close() {
      // What has just ended may be asked for elsewhere.
      await settledWithin(events.written(), writtenMs);
      for (const part of [homes, instances, sessions, events, tasks, counters]) part.close();
      await link.close();
    },
  };
};

/** Ids of servers' tasks have no end of their own: at least so long they can be used after their key has ceased to seal. */
const dayMs = 24 * 3_600_000;

/** How long the last events may take to reach the cluster, in milliseconds. */
const writtenMs = 1000;
