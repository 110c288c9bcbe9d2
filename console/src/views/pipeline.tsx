import { useEffect, useRef } from 'preact/hooks';
import type { CallSummary, PipelineNode, Pipelines } from '../api/contract.js';
import { live } from '../api/live.js';
import { useResource } from '../api/useResource.js';
import { format } from '../format.js';
import { href } from '../href.js';
import { Calls } from '../parts/calls.js';
import { Empty } from '../parts/empty.js';
import { Facts } from '../parts/facts.js';
import { Flow } from '../parts/flow.js';
import { Loaded } from '../parts/loaded.js';
import { Panel } from '../parts/panel.js';
import { View } from '../parts/view.js';
import { route } from '../route.js';

/** What every call passes, as a picture that lives: how much flows, and who turns what away. */
export const Pipeline = () => {
  const asked = useResource<Pipelines>('/pipeline');
  const data = live.pipelines.value ?? asked.data;
  const [, chosen] = route.value.path;
  const node = data?.pipelines.flatMap(({ nodes }) => nodes).find(({ name }) => name === chosen);
  return (
    <View
      title="Pipeline"
      about="A call goes through these operators in turn; each adds what it knows, or refuses. Choose one to see its last calls."
    >
      <Loaded of={data === undefined ? asked : { ...asked, data, error: undefined, loading: false }}>
        {({ pipelines }) =>
          pipelines.length === 0 ? (
            <Empty title="No pipeline yet" />
          ) : (
            pipelines.map(({ name, nodes }) => (
              <Panel key={name} title={name.charAt(0).toUpperCase() + name.slice(1)}>
                <Flow name={name} nodes={nodes} chosen={chosen} />
              </Panel>
            ))
          )
        }
      </Loaded>
      {node === undefined ? null : <Chosen key={node.name} of={node} />}
    </View>
  );
};

const Chosen = ({ of }: { readonly of: PipelineNode }) => {
  const calls = useResource<{ readonly calls: readonly CallSummary[] }>(
    `/pipeline/${encodeURIComponent(of.name)}/calls`,
  );
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    place.current?.focus({ preventScroll: true });
    place.current?.scrollIntoView({ block: 'nearest' });
  }, [calls.data === undefined]);
  const refusals = Object.entries(of.refusals).toSorted(([, a], [, b]) => b - a);
  return (
    <div ref={place} tabIndex={-1} class="anchor" aria-label={of.name} role="group">
      <Panel
        title={of.name}
        flush
        actions={
          <span class="inline">
            <button type="button" class="small" onClick={calls.reload}>
              Read again
            </button>
            <a href={href('pipeline')}>Close</a>
          </span>
        }
      >
        <div class="panel-text">
          <p class="prose">{of.why}</p>
          <Facts
            of={{
              Entered: `${format.count(of.entered)} · ${format.perSecond(of.per_s)}`,
              Refused: `${format.count(of.refused)} · ${format.percent(of.refused, of.entered)}`,
              'Time (p50)': of.p50_us === undefined ? undefined : format.ms(of.p50_us / 1000),
              'Refused with':
                refusals.length === 0
                  ? undefined
                  : refusals.map(([code, count]) => (
                      <span key={code} class="refusal">
                        <code>{code}</code> {format.count(count)}
                      </span>
                    )),
            }}
          />
        </div>
        <Loaded of={calls}>
          {({ calls: rows }) =>
            rows.length === 0 ? (
              <Empty title="No calls here lately" />
            ) : (
              <Calls caption={`Last calls at ${of.name}`} of={rows} />
            )
          }
        </Loaded>
      </Panel>
    </div>
  );
};
