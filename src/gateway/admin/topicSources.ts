import { kept } from '../../streams/kept.js';
import { callSummary } from './callSummary.js';
import type { CallWatch } from './callWatch.js';
import type { LiveEvent, Topic, TopicSource } from './liveEvents.js';
import type { Overview } from './overview.js';
import type { Insiders } from './questions.js';
import { serversFor } from './serversFor.js';

export interface TopicSourcesOptions {
  readonly overview: Overview;
  readonly watch: CallWatch;
  readonly insiders: Insiders;
  readonly pipeline: (tenant: string | undefined) => object;
  /** What there is to say of the configuration; another object when it has changed. */
  readonly configuration: () => object;
}

/** What the live streams tell of. */
export const topicSources = (options: TopicSourcesOptions): Readonly<Record<Topic, TopicSource>> => {
  const { overview, watch, insiders, pipeline } = options;
  const one = (event: string, data: object): readonly LiveEvent[] => [{ event, data }];
  const picture = (tenant: string | undefined) => Promise.resolve(one('pipeline', pipeline(tenant)));
  return {
    overview: {
      every: 4,
      begin: async (tenant) => one('overview', await overview.whole(tenant)),
      next: async (tenant) => one('overview', await overview.scalars(tenant)),
    },
    calls: callSource(watch),
    servers: serverSource(insiders),
    pipeline: { every: 4, begin: picture, next: picture },
    config: configurationSource(options.configuration),
  };
};

/** Most calls in one event; the rest are counted. */
const maxCalls = 50;

const callSource = (watch: CallWatch): TopicSource => {
  const { recent } = watch;
  /** Number of the first call that has not been told of, by tenant. */
  const untold = new Map<string | undefined, number>();
  return {
    every: 1,
    begin(tenant) {
      if (!untold.has(tenant)) untold.set(tenant, recent.next);
      return Promise.resolve([]);
    },
    next(tenant) {
      const from = untold.get(tenant) ?? recent.next;
      untold.set(tenant, recent.next);
      const calls = [];
      let skipped = 0;
      for (const { number, record } of recent.newest(
        ({ who }) => tenant === undefined || who?.tenant === tenant,
      )) {
        if (number < from) break;
        if (calls.length < maxCalls) calls.push(callSummary(record));
        else skipped++;
      }
      return Promise.resolve(
        calls.length === 0 ? [] : [{ event: 'calls', data: { calls: calls.reverse(), skipped } }],
      );
    },
    rest: () => untold.clear(),
  };
};

const serverSource = (insiders: Insiders): TopicSource => {
  /** What was told last of each server, by tenant. */
  const told = new Map<string | undefined, Map<string, string>>();
  const look = async (tenant: string | undefined, all: boolean): Promise<readonly LiveEvent[]> => {
    const servers = await serversFor(insiders, tenant);
    const known = kept(told, tenant, () => new Map<string, string>());
    const events: LiveEvent[] = [];
    const names = new Set(servers.map(({ name }) => name));
    for (const name of [...known.keys()])
      if (!names.has(name) && known.delete(name))
        events.push({ event: 'server', data: { name, removed: true } });
    for (const server of servers) {
      const text = JSON.stringify(server);
      if (all || known.get(server.name) !== text) events.push({ event: 'server', data: server });
      if (!all) known.set(server.name, text);
    }
    return events;
  };
  return {
    every: 4,
    begin: (tenant) => look(tenant, true),
    next: (tenant) => look(tenant, false),
    rest: () => told.clear(),
  };
};

const configurationSource = (read: () => object): TopicSource => {
  const told = new Map<string | undefined, object>();
  return {
    every: 4,
    begin(tenant) {
      if (!told.has(tenant)) told.set(tenant, read());
      return Promise.resolve([]);
    },
    next(tenant) {
      const now = read();
      const before = told.get(tenant);
      told.set(tenant, now);
      return Promise.resolve(before === now ? [] : [{ event: 'configuration', data: now }]);
    },
    rest: () => told.clear(),
  };
};
