import { firstValueFrom, isObservable } from 'rxjs';
import type { ConsoleRecord } from '../../../protocol/audit/auditRecord.js';
import type { Settings } from '../../../config/settings.js';
import type { Catalog } from '../../../streams/catalog.js';
import type { Counters } from '../../../streams/counters.js';
import type { Exchange, Principal } from '../../../streams/exchange.js';
import { knownPrincipal } from '../../../streams/knownPrincipal.js';
import type { Latest } from '../../../streams/latest.js';
import type { LiveCalls } from '../../../streams/liveCalls.js';
import type { SessionStore } from '../../../streams/sessions.js';
import type { View } from '../../../streams/view.js';
import type { Health } from '../../health.js';
import type { Judging } from '../../judgingOf.js';
import type { Inside, Scope, Tried, TryQuestion } from '../questions.js';
import { eventLoopDelay } from './eventLoopDelay.js';
import { policyRows } from './policyRows.js';
import { serverRows } from './serverRows.js';
import type { SessionsSeen } from './sessionsSeen.js';
import { tenantsTold } from './tenantsTold.js';
import { toolsPage } from './toolsPage.js';
import { toolTold } from './toolTold.js';

export interface InsideParts {
  readonly settings: Latest<Settings>;
  readonly catalog: Latest<Catalog>;
  readonly calls: LiveCalls;
  readonly health: () => Health;
  readonly sessions: SessionStore;
  readonly seen: SessionsSeen;
  readonly counters: Counters;
  readonly judging: Judging;
  readonly explain: Inside['explain'];
  /** Writes something into the audit trail. */
  readonly note: (record: ConsoleRecord) => void;
  /** Calls a tool in somebody's name. */
  readonly call: (question: TryQuestion) => Promise<Tried>;
  /** Cancels one. */
  readonly cancel: Inside['cancel'];
}

/** What a gateway says of itself. Nothing is kept for it: it is read when somebody asks. */
export const insideOf = (parts: InsideParts): Inside => {
  const { settings, catalog, calls, health, sessions, seen, counters, judging } = parts;
  /** What somebody sees: of a tenant what anybody of it may have, however little that is. */
  const viewOf = ({ tenant }: Scope): View | undefined =>
    tenant === undefined
      ? catalog.current.whole()
      : catalog.current.view({ namespace: undefined, principal: memberOf(tenant) });
  const isSeen = ({ tenant }: Scope): ((server: string) => boolean) =>
    tenant === undefined ? () => true : catalog.current.access(memberOf(tenant)).server;
  const underWay = function* ({ tenant }: Scope): Generator<Exchange> {
    for (const exchange of calls.exchanges())
      if (tenant === undefined || exchange.notes.principal?.tenant === tenant) yield exchange;
  };

  return {
    explain: parts.explain,
    servers: (ask) => serverRows(catalog.current, health(), underWay(ask), isSeen(ask)),
    load(ask) {
      const { calls: inFlight, streams, sessions, notices = [] } = health();
      if (ask.tenant === undefined)
        return { in_flight: inFlight, streams, sessions, event_loop_p99_ms: eventLoopDelay(), notices };
      const own = [...underWay(ask)];
      const open = new Set(own.flatMap(({ origin }) => origin.sessionId ?? []));
      return { in_flight: own.length, streams: 0, sessions: open.size };
    },
    tools(ask) {
      const view = viewOf(ask);
      const { separator } = settings.current.naming;
      return view === undefined
        ? { tools: [], total: 0, more: false }
        : toolsPage(catalog.current, view, ask, separator);
    },
    tool(ask) {
      const entry = viewOf(ask)?.tools.get(ask.name);
      return entry && toolTold(entry, settings.current, ask.tenant);
    },
    note: parts.note,
    call: parts.call,
    cancel: parts.cancel,
    sessions({ tenant }) {
      const open = new Map<string, number>();
      for (const { origin, message } of calls.exchanges())
        if (origin.sessionId !== undefined && message.id === undefined)
          open.set(origin.sessionId, (open.get(origin.sessionId) ?? 0) + 1);
      return seen.rows(tenant, open);
    },
    async endSession({ tenant, digest }) {
      const id = seen.idOf(digest, tenant);
      if (id === undefined) return false;
      const ended = sessions.delete(id);
      return isObservable(ended) ? firstValueFrom(ended) : ended;
    },
    tenants: ({ tenant }) => tenantsTold(settings.current, counters, tenant),
    policies: ({ tenant }) => policyRows(settings.current, judging, tenant),
  };
};

const members = new Map<string, Principal>();
/** More than there are tenants. */
const maxMembers = 1000;

/** Anybody of a tenant: the same object each time, by which views are found again. */
const memberOf = (tenant: string): Principal => {
  const known = members.get(tenant);
  if (known !== undefined) return known;
  if (members.size >= maxMembers) members.clear();
  const member = knownPrincipal({ id: `console tenant ${tenant}`, tenant });
  members.set(tenant, member);
  return member;
};
