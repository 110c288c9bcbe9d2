import { catchError, concat, defer, map, merge, mergeMap, NEVER, of, takeUntil, type Observable } from 'rxjs';
import { exhausted } from '../protocol/exhausted.js';
import { isObject, type RequestId } from '../protocol/jsonrpc.js';
import { metaKeys } from '../protocol/mcp.js';
import type { Handler } from '../operators/handle.js';
import type { Catalog } from '../streams/catalog.js';
import { coalesceChanges } from '../streams/coalesceChanges.js';
import { acceptWatched, type Watched } from '../streams/acceptWatched.js';
import type { Change } from '../streams/change.js';
import type { TaskWatch } from '../streams/taskWatch.js';
import type { Viewpoint } from '../streams/exchange.js';
import type { ListKind } from '../streams/fingerprint.js';
import type { Latest } from '../streams/latest.js';
import { listChanges } from '../streams/listChanges.js';
import type { LiveCalls } from '../streams/liveCalls.js';
import type { Concerns } from '../streams/policies.js';
import { prompted } from '../streams/prompted.js';
import { result, type NotificationReply, type Reply } from '../streams/reply.js';
import type { Subscriptions } from '../streams/subscriptions.js';
import { viewpointOf } from '../streams/viewpointOf.js';
import { notificationOf } from './notificationOf.js';
import type { Decision } from '../streams/decision.js';
import type { Admission } from '../operators/confirmScopes.js';
import { lacksScopes } from '../operators/lacksScopes.js';
import type { JudgeWatch } from './judgeWatch.js';

export interface ListenOptions {
  readonly catalog: Latest<Catalog>;
  /** Emits when other things may be shown in lists than before, because of policies. */
  readonly policies$: Observable<Concerns>;
  readonly subscriptions: Subscriptions;
  readonly judgeWatch: JudgeWatch;
  readonly admission: () => Admission | undefined;
  readonly calls: LiveCalls;
  /** Most listen streams open at once. */
  readonly maxStreams: number;
  /** Makes tasks of this caller tell of their changes; see `TaskWatch`. */
  readonly tasks: TaskWatch;
  /** Most resources and tasks of one stream. */
  readonly maxResources: number;
  /** How long the acknowledgement waits for what it acknowledges to be in effect, in milliseconds. */
  readonly settleMs: number;
  /** Of each list and each resource at most one notification in so many milliseconds. */
  readonly everyMs: number;
}

const listKeys: Readonly<Record<ListKind, string>> = {
  tools: 'toolsListChanged',
  prompts: 'promptsListChanged',
  resources: 'resourcesListChanged',
};

/**
 * `subscriptions/listen` (2026-07-28): a standing stream of what the client wants to hear of, acknowledged first.
 *
 * ```
 * listen   -----A--t---u--u--(r|)     A acknowledged, t a list or a task changed, u a resource was updated, r the gateway stops
 * ```
 *
 * Acknowledged are all kinds of lists, the resources whose servers watch them, and the tasks that the caller may ask for. One
 * that is slow or away when the time is up is acknowledged too, and comes into effect as soon as it can; one that is unknown or
 * refused is left out.
 */
export const listen =
  (options: ListenOptions): Handler =>
  (exchange) => {
    const { message, outlet } = exchange;
    const from = viewpointOf(exchange);
    const { catalog, policies$, subscriptions, judgeWatch, admission, calls, tasks } = options;
    const { maxStreams, maxResources, settleMs, everyMs } = options;
    const mayWatch = ({ allow, obligations: { scopes = [] } }: Decision): boolean =>
      allow && !lacksScopes(exchange.principal, scopes, admission()?.impliedScopes);
    if (calls.listening > maxStreams)
      throw exhausted('ERR_SUBSCRIPTIONS_EXHAUSTED', 'Too many listen streams are open: end one', {
        limit: 'streams.listen',
        max: maxStreams,
      });
    const asked = message.params?.['notifications'];
    const filter = isObject(asked) ? asked : {};
    const kinds = (Object.keys(listKeys) as ListKind[]).filter((kind) => filter[listKeys[kind]] === true);
    const uris = textsIn(filter['resourceSubscriptions']);
    const taskIds = textsIn(filter['taskIds']);
    if (uris.length + taskIds.length > maxResources)
      throw exhausted('ERR_SUBSCRIPTIONS_EXHAUSTED', 'Too much for one stream: listen to less', {
        limit: 'streams.resources',
        max: maxResources,
      });
    const watched = [
      ...uris.map((uri) => ({
        key: 'resourceSubscriptions',
        name: uri,
        events$: defer(() => prompted(judgeWatch(exchange, uri))).pipe(
          // Like one that is refused, for whatever reason.
          catchError(() => of(undefined)),
          mergeMap((decision) =>
            decision !== undefined && mayWatch(decision)
              ? resourceEvents(subscriptions, from, uri)
              : of(false),
          ),
        ),
      })),
      ...(taskIds.length === 0 ? [] : tasks(exchange, taskIds)).map(({ id, events$ }) => ({
        key: 'taskIds',
        name: id,
        events$,
      })),
    ];
    const acknowledgement = (accepted: readonly Watched[]): NotificationReply => {
      const notifications: Record<string, unknown> = {};
      for (const kind of kinds) notifications[listKeys[kind]] = true;
      for (const { key, name } of accepted)
        notifications[key] = [...((notifications[key] as string[] | undefined) ?? []), name];
      return { kind: 'notification', method: acknowledged, params: { notifications } };
    };
    const stream$ = acceptWatched(watched, settleMs, (accepted, changes$) =>
      concat<NotificationReply[]>(
        of(acknowledgement(accepted)),
        // Never completes, even where nothing is listened to: the stream is the client's to end.
        merge<Change[]>(listChanges(catalog, from, kinds, policies$), changes$, NEVER).pipe(
          coalesceChanges({ everyMs, valve: outlet.valve }),
          map(notificationOf),
        ),
      ),
    );
    const id = message.id as RequestId;
    return concat(
      stream$.pipe(
        takeUntil(calls.closing$),
        map((reply) => marked(reply, id)),
      ),
      of(result({ _meta: { [metaKeys.subscriptionId]: id } })),
    );
  };

const resourceEvents = (
  subscriptions: Subscriptions,
  from: Viewpoint,
  uri: string,
): Observable<boolean | Change> =>
  subscriptions
    .watch(from, uri)
    .pipe(
      map((event) =>
        event.kind === 'updated'
          ? { kind: 'resource', subscribed: uri, uri: event.uri }
          : event.kind === 'watching',
      ),
    );

const acknowledged = 'notifications/subscriptions/acknowledged';

const textsIn = (value: unknown): readonly string[] =>
  Array.isArray(value) ? [...new Set((value as unknown[]).map(String))] : [];

/** Every message says which stream it belongs to; on a shared channel nothing else does. */
const marked = (reply: NotificationReply, id: RequestId): Reply => ({
  ...reply,
  params: { ...reply.params, _meta: { [metaKeys.subscriptionId]: id } },
});
