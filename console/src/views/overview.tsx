import type { CallPage, Overview as OverviewData } from '../api/contract.js';
import { live } from '../api/live.js';
import { useResource } from '../api/useResource.js';
import { format } from '../format.js';
import { href } from '../href.js';
import { Badge } from '../parts/badge.js';
import { Calls } from '../parts/calls.js';
import { Chart } from '../parts/chart.js';
import { Empty } from '../parts/empty.js';
import { Loaded } from '../parts/loaded.js';
import { Notices } from '../parts/notices.js';
import { Panel } from '../parts/panel.js';
import { Share } from '../parts/share.js';
import { View } from '../parts/view.js';

/** The state of everything at a glance: figures, charts of the last five minutes, what is called, and what is wrong. */
export const Overview = () => {
  const asked = useResource<OverviewData>('/overview');
  const data = live.overview.value ?? asked.data;
  return (
    <View
      title="Overview"
      about={data === undefined ? undefined : `Up for ${format.duration(data.uptime_s)}.`}
    >
      <Loaded of={data === undefined ? asked : { ...asked, data, error: undefined, loading: false }}>
        {(overview) => (
          <>
            {overview.notices.length === 0 ? null : (
              <Panel title="Worth knowing">
                <Notices of={overview.notices} />
              </Panel>
            )}
            <Figures of={overview} />
            <div class="columns">
              <Traffic of={overview} />
              <Latency of={overview} />
              <TopTools of={overview} />
              <Outcomes of={overview} />
              <Latest />
            </div>
          </>
        )}
      </Loaded>
    </View>
  );
};

interface Part {
  readonly of: OverviewData;
}

const Figures = ({ of }: Part) => {
  const figures: readonly (readonly [string, string, string?])[] = [
    ['Calls', format.perSecond(of.calls_per_s)],
    ['Errors', format.perSecond(of.errors_per_s), of.errors_per_s > 0 ? 'bad' : undefined],
    ['p50', format.ms(of.p50_ms)],
    ['p95', format.ms(of.p95_ms)],
    ['p99', format.ms(of.p99_ms)],
    ['In flight', format.count(of.in_flight)],
    ['Sessions', format.count(of.sessions)],
    ['Streams', format.count(of.streams)],
  ].map(([name = '', value = '', tone]) => (tone === undefined ? [name, value] : [name, value, tone]));
  return (
    <dl class="figures">
      {figures.map(([name, value, tone]) => (
        <div key={name} class={tone}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
};

const secondsOf = ({ history }: OverviewData): readonly number[] =>
  history.map(({ at }) => Date.parse(at) / 1000);

const Traffic = ({ of }: Part) => (
  <Panel title="Calls and errors">
    <Chart
      label={`Calls and errors a second over the last five minutes; now ${format.perSecond(of.calls_per_s)} calls, ${format.perSecond(of.errors_per_s)} errors`}
      at={secondsOf(of)}
      unit={(value) => format.short(value)}
      lines={[
        { name: 'calls/s', tone: 'line-a', filled: true, values: of.history.map(({ calls }) => calls) },
        { name: 'errors/s', tone: 'bad', dash: [4, 3], values: of.history.map(({ errors }) => errors) },
      ]}
    />
  </Panel>
);

const Latency = ({ of }: Part) => (
  <Panel title="Latency">
    <Chart
      label={`Latency over the last five minutes; now p50 ${format.ms(of.p50_ms)}, p95 ${format.ms(of.p95_ms)}, p99 ${format.ms(of.p99_ms)}`}
      at={secondsOf(of)}
      unit={(value) => format.ms(value)}
      lines={[
        { name: 'p50', tone: 'line-a', values: of.history.map(({ p50_ms }) => p50_ms) },
        { name: 'p95', tone: 'line-b', dash: [8, 3], values: of.history.map(({ p95_ms }) => p95_ms) },
        { name: 'p99', tone: 'line-c', dash: [2, 3], values: of.history.map(({ p99_ms }) => p99_ms) },
      ]}
    />
  </Panel>
);

const TopTools = ({ of }: Part) => {
  const most = Math.max(1, ...of.top_tools.map(({ calls }) => calls));
  return (
    <Panel title="Most called">
      {of.top_tools.length === 0 ? (
        <Empty title="No calls yet">Tools appear here as soon as somebody calls one.</Empty>
      ) : (
        <ol class="ranking">
          {of.top_tools.map(({ tool, calls, errors }) => (
            <li key={tool}>
              <a href={href('calls', { tool, by: 'user' })}>
                <code>{tool}</code>
              </a>
              <span class="figure">
                {format.count(calls)}
                {errors === 0 ? null : <span class="quiet"> · {format.count(errors)} failed</span>}
              </span>
              <Share part={calls} bad={errors} all={most} />
            </li>
          ))}
        </ol>
      )}
    </Panel>
  );
};

const Outcomes = ({ of }: Part) => {
  const all = Object.entries(of.outcomes).toSorted(([, a], [, b]) => b - a);
  const total = all.reduce((sum, [, count]) => sum + count, 0);
  return (
    <Panel title="Outcomes">
      {all.length === 0 ? (
        <Empty title="No calls yet" />
      ) : (
        <ul class="ranking">
          {all.map(([outcome, count]) => (
            <li key={outcome}>
              <a href={href('calls', { outcome })}>
                <Badge word={outcome} />
              </a>
              <span class="figure">
                {format.count(count)} <span class="quiet">{format.percent(count, total)}</span>
              </span>
              <Share part={count} all={total} />
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
};

const shown = 12;

const Latest = () => {
  const before = useResource<CallPage>(`/calls?limit=${shown}`);
  const newer = live.calls.value.slice(0, shown);
  const known = new Set(newer.map(({ id }) => id));
  const calls = [...newer, ...(before.data?.calls ?? []).filter(({ id }) => !known.has(id))].slice(0, shown);
  return (
    <Panel title="Latest calls" flush wide actions={<a href={href('calls')}>All calls</a>}>
      {calls.length === 0 ? (
        <Empty title="No calls yet">They appear here as they end.</Empty>
      ) : (
        <Calls caption="Latest calls" of={calls} />
      )}
    </Panel>
  );
};
