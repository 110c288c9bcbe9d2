import {
  concat,
  connect,
  defer,
  EMPTY,
  filter,
  map,
  merge,
  mergeMap,
  NEVER,
  of,
  take,
  takeUntil,
  tap,
  timer,
  type Observable,
} from 'rxjs';
import { exhausted } from '../protocol/exhausted.js';
import { isObject, type RequestId } from '../protocol/jsonrpc.js';
import { metaKeys } from '../protocol/mcp.js';
import type { Handler } from '../operators/handle.js';
import type { Catalog } from '../streams/catalog.js';
import { coalesceChanges } from '../streams/coalesceChanges.js';
import type { Change, ResourceChange } from '../streams/change.js';
import type { ListKind } from '../streams/fingerprint.js';
import type { Latest } from '../streams/latest.js';
import { listChanges } from '../streams/listChanges.js';
import type { LiveCalls } from '../streams/liveCalls.js';
import { result, type NotificationReply, type Reply } from '../streams/reply.js';
import type { Subscriptions } from '../streams/subscriptions.js';
import { notificationOf } from './notificationOf.js';

export interface ListenOptions {
  readonly catalog: Latest<Catalog>;
  readonly subscriptions: Subscriptions;
  readonly calls: LiveCalls;
  /** Most listen streams open at once. */
  readonly maxStreams: number;
  /** Most resources of one stream. */
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
 * listen   -----A--t---u--u--(r|)     A acknowledged, t a list changed, u a resource was updated, r the gateway stops
 * ```
 *
 * Acknowledged are all kinds of lists, and the resources whose servers watch them. One that is slow or away when the time is
 * up is acknowledged too, and comes into effect as soon as it can; one that is unknown or refused is left out.
 */
export const listen =
  (options: ListenOptions): Handler =>
  ({ message, origin: { namespace }, outlet }) => {
    const { catalog, subscriptions, calls, maxStreams, maxResources, settleMs, everyMs } = options;
    if (calls.listening > maxStreams)
      throw exhausted('ERR_SUBSCRIPTIONS_EXHAUSTED', 'Too many listen streams are open: end one', {
        limit: 'streams.listen',
        max: maxStreams,
      });
    const asked = message.params?.['notifications'];
    const wanted = isObject(asked) ? asked : {};
    const kinds = (Object.keys(listKeys) as ListKind[]).filter((kind) => wanted[listKeys[kind]] === true);
    const uris = urisOf(wanted['resourceSubscriptions']);
    if (uris.length > maxResources)
      throw exhausted('ERR_SUBSCRIPTIONS_EXHAUSTED', 'Too many resources for one stream: listen to fewer', {
        limit: 'streams.resources',
        max: maxResources,
      });
    const lists$ = listChanges(catalog, namespace, kinds);

    /** For each resource whether it is watched, as far as that is known. */
    const answers = new Map<string, boolean>();
    const accepted = new Set<string>();
    const acknowledgement = (): NotificationReply => {
      for (const uri of uris) if (answers.get(uri) !== false) accepted.add(uri);
      const notifications = {
        ...Object.fromEntries(kinds.map((kind) => [listKeys[kind], true])),
        ...(accepted.size > 0 && { resourceSubscriptions: [...accepted] }),
      };
      return { kind: 'notification', method: acknowledged, params: { notifications } };
    };

    const resources$ = merge(
      ...uris.map((uri) => subscriptions.watch(namespace, uri).pipe(map((event) => ({ uri, event })))),
    );
    const stream$ = resources$.pipe(
      connect((events$) => {
        const known$ = events$.pipe(
          tap(({ uri, event }) => {
            if (event.kind !== 'updated' && !answers.has(uri)) answers.set(uri, event.kind === 'watching');
          }),
          filter(() => answers.size === uris.length),
        );
        const settled$: Observable<unknown> =
          uris.length === 0 ? of(undefined) : merge(known$, timer(settleMs));
        const updates$ = events$.pipe(
          mergeMap(({ uri, event }): Observable<ResourceChange> =>
            event.kind === 'updated' && accepted.has(uri)
              ? of({ kind: 'resource', subscribed: uri, uri: event.uri })
              : EMPTY,
          ),
        );
        return settled$.pipe(
          take(1),
          mergeMap(() =>
            concat<NotificationReply[]>(
              defer(() => of(acknowledgement())),
              // Never completes, even where nothing is listened to: the stream is the client's to end.
              merge<Change[]>(lists$, updates$, NEVER).pipe(
                coalesceChanges({ everyMs, valve: outlet.valve }),
                map(notificationOf),
              ),
            ),
          ),
        );
      }),
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

const acknowledged = 'notifications/subscriptions/acknowledged';

const urisOf = (value: unknown): readonly string[] =>
  Array.isArray(value) ? [...new Set((value as unknown[]).map(String))] : [];

/** Every message says which stream it belongs to; on a shared channel nothing else does. */
const marked = (reply: NotificationReply, id: RequestId): Reply => ({
  ...reply,
  params: { ...reply.params, _meta: { [metaKeys.subscriptionId]: id } },
});
