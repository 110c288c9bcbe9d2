import { signal } from '@preact/signals';
import type { CallSummary, Overview, Pipelines, Point, Scalars, ServerState } from './contract.js';
import { me } from './me.js';
import { request } from './request.js';

/** How the one stream of events is doing. */
export type Connection = 'connecting' | 'live' | 'disconnected';

/** What the gateway tells by itself, folded into what it last said; see `events` of the contract. */
export const live = {
  connection: signal<Connection>('connecting'),
  overview: signal<Overview | undefined>(undefined),
  /** The newest first. */
  calls: signal<readonly CallSummary[]>([]),
  servers: signal<ReadonlyMap<string, ServerState>>(new Map()),
  pipelines: signal<Pipelines | undefined>(undefined),
  /** Rises with every change, or refused change, of the configuration. */
  configured: signal(0),
  /** Opens the stream; gives what ends it. */
  open,
};

const keptCalls = 200;
const keptSeconds = 300;
/** The overview comes every second: a stream that says nothing for so long is dead, whatever its socket believes. */
const silenceMs = 10_000;
const longestPauseMs = 15_000;

function open(): () => void {
  let source: EventSource | undefined;
  let silence: ReturnType<typeof setTimeout> | undefined;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;

  const close = (): void => {
    source?.close();
    clearTimeout(silence);
    clearTimeout(retry);
  };
  const lost = (): void => {
    close();
    live.connection.value = 'disconnected';
    failures += 1;
    retry = setTimeout(connect, Math.min(longestPauseMs, 500 * 2 ** failures) * (0.75 + Math.random() / 2));
    // Tells a gateway that is away from one that does not know us any more: that one brings back the sign-in.
    request('/me').catch(() => undefined);
  };
  const heard = (): void => {
    failures = 0;
    live.connection.value = 'live';
    clearTimeout(silence);
    silence = setTimeout(lost, silenceMs);
  };
  const connect = (): void => {
    if (me.value === undefined) return;
    source = new EventSource('api/v1/events?topics=overview,calls,servers,pipeline,config');
    silence = setTimeout(lost, silenceMs);
    // It would try again by itself only after some kinds of failure; here it is always the same.
    source.addEventListener('error', lost);
    source.addEventListener('open', () => {
      // What is told from now on begins anew.
      live.servers.value = new Map();
      heard();
    });
    for (const [name, take] of Object.entries(takers))
      source.addEventListener(name, (event: MessageEvent<string>) => {
        heard();
        take(JSON.parse(event.data) as never);
      });
  };
  const back = (): void => {
    close();
    connect();
  };
  // The browser may know it before the connection does.
  addEventListener('offline', lost);
  addEventListener('online', back);
  connect();
  return () => {
    removeEventListener('offline', lost);
    removeEventListener('online', back);
    close();
  };
}

const takers: Readonly<Record<string, (data: never) => void>> = {
  overview: (data: Partial<Overview> & Scalars & { readonly point?: Point }) => {
    const before = live.overview.value;
    const { point, ...rest } = data;
    const history = data.history ?? before?.history ?? [];
    live.overview.value = {
      outcomes: {},
      top_tools: [],
      notices: [],
      ...before,
      ...rest,
      history: point === undefined ? history : [...history, point].slice(-keptSeconds),
    };
  },
  calls: ({ calls }: { readonly calls: readonly CallSummary[] }) => {
    const newest = calls.toSorted((a, b) => b.time.localeCompare(a.time));
    live.calls.value = [...newest, ...live.calls.value].slice(0, keptCalls);
  },
  server: (state: ServerState | { readonly name: string; readonly removed: true }) => {
    const servers = new Map(live.servers.value);
    if ('removed' in state) servers.delete(state.name);
    else servers.set(state.name, state);
    live.servers.value = servers;
  },
  pipeline: (data: Pipelines) => {
    live.pipelines.value = data;
  },
  configuration: () => {
    live.configured.value += 1;
  },
};
