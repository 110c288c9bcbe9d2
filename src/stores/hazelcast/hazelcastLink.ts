import { readFile } from 'node:fs/promises';
import type { Client as HazelcastClient, IMap } from 'hazelcast-client';
import {
  BehaviorSubject,
  catchError,
  defer,
  distinctUntilChanged,
  filter,
  from,
  Observable,
  share,
  switchMap,
  take,
  throwError,
  timeout,
} from 'rxjs';
import type { HazelcastSettings } from '../../config/hazelcastSettings.js';
import { GatewayError, refusal } from '../../protocol/errors.js';
import type { Latest } from '../../streams/latest.js';
import type { Log } from '../../streams/log.js';

/** Whether the cluster can be asked. */
export type LinkState = 'connected' | 'away';

/** A map of the cluster: JSON values by their keys. */
export type ClusterMap = IMap<string, unknown>;

/** What became of an entry. `gone`: removed, expired or pushed out. */
export interface EntryChange {
  readonly kind: 'added' | 'updated' | 'gone';
  readonly key: string;
  /** Of what was added or updated. */
  readonly value: unknown;
}

/** The gateway's one connection to the cluster; it comes back by itself. */
export interface HazelcastLink {
  readonly state: Latest<LinkState>;
  /** Asks the cluster once subscribed. Errors with `ERR_STORE_AWAY` while it is away, and when it does not answer in time. */
  use<T>(name: string, operation: (map: ClusterMap) => Promise<T>): Observable<T>;
  /** Changes of a map's entries, whoever made them, for as long as the cluster is there; listens again when it comes back. */
  changes(name: string): Observable<EntryChange>;
  /** Emits each time the cluster is there (again): what happened meanwhile has not been told. */
  readonly back$: Observable<unknown>;
  close(): Promise<void>;
}

/** Longest time for an answer of the cluster, in milliseconds: more than the others need to take over from a killed member. */
const answerMs = 8000;

/**
 * How long it is waited for another member after a connection is lost, in milliseconds: more than one that lives needs, less than
 * a call takes to become a stream, whose status could not be 503 any more.
 */
const graceMs = 700;

/** How long nobody is told that the cluster has not been reached since the start, in milliseconds. */
const firstMs = 5000;

const away = (cause?: unknown): GatewayError =>
  refusal('ERR_STORE_AWAY', 'The store of the sessions can not be reached: try again', {
    cause,
    headers: { 'retry-after': '2' },
  });

/**
 * Connects to a Hazelcast cluster and stays with it: an absent cluster is tried again and again, with growing pauses, from the
 * start of the gateway to its end. `hazelcast-client` is loaded here and nowhere else, so a gateway without it never does.
 */
export const hazelcastLink = (settings: HazelcastSettings, log: Log): HazelcastLink => {
  const states = new BehaviorSubject<LinkState>('away');
  let lostAt = -Infinity;
  let closing = false;
  const turn = (next: LinkState): void => {
    if (closing || states.value === next) return;
    if (next === 'away') lostAt = performance.now();
    if (next === 'connected') log.info({ event: 'store_connected' }, 'Connected to the Hazelcast cluster');
    else log.warn({ event: 'store_away' }, 'The Hazelcast cluster is away: trying to reach it again');
    states.next(next);
  };
  let client: HazelcastClient | undefined;
  const opened = open(settings, turn).then(
    (value) => (client = value),
    (error: unknown) => {
      log.error({ event: 'store_failed', err: error }, 'The Hazelcast client can not be started');
      return undefined;
    },
  );
  /** By the names of maps: one registration for all who listen. */
  const feeds = new Map<string, Observable<EntryChange>>();
  const state$ = states.pipe(distinctUntilChanged());

  const back$ = state$.pipe(filter((state) => state === 'connected'));
  const first = back$.pipe(take(1), timeout({ first: firstMs })).subscribe({
    error: () =>
      log.warn(
        { event: 'store_unreached', addresses: settings.addresses, cluster: settings.clusterName },
        'The Hazelcast cluster has not been reached yet, and is tried again: are `addresses` and `cluster_name` right? Sessions get 503 meanwhile',
      ),
  });

  const use = <T>(name: string, operation: (map: ClusterMap) => Promise<T>): Observable<T> =>
    defer(() => {
      const ready = client;
      if (ready === undefined) return throwError(away);
      const ask = (): Observable<T> => from(ready.getMap<string, unknown>(name).then(operation));
      if (states.value === 'connected') return ask();
      const left = lostAt + graceMs - performance.now();
      if (left <= 0) return throwError(away);
      return back$.pipe(timeout({ first: left }), take(1), switchMap(ask));
    }).pipe(
      timeout({ first: answerMs }),
      catchError((error: unknown) => throwError(() => (error instanceof GatewayError ? error : away(error)))),
    );
  return {
    state: {
      get current() {
        return states.value;
      },
      changes$: state$,
    },
    use,
    back$,
    changes(name) {
      let changes$ = feeds.get(name);
      if (changes$ === undefined) {
        changes$ = back$.pipe(
          switchMap(() => defer(() => from(opened)).pipe(filter((ready) => ready !== undefined))),
          switchMap((ready) => changesOf(ready, name, log)),
          share(),
        );
        feeds.set(name, changes$);
      }
      return changes$;
    },
    async close() {
      closing = true;
      first.unsubscribe();
      const ready = await opened;
      await ready?.shutdown();
      states.complete();
    },
  };
};

const open = async (
  { clusterName, addresses, credentials, tls }: HazelcastSettings,
  turn: (state: LinkState) => void,
): Promise<HazelcastClient> => {
  const { Client, LifecycleState, ReconnectMode } = await import('hazelcast-client');
  return Client.newHazelcastClient({
    clusterName,
    network: {
      clusterMembers: [...addresses],
      connectionTimeout: 3000,
      // All that is done here may be done twice.
      redoOperation: true,
      // One connection, by which all events come. With one to each member, a listener that is added while the second connection
      // is being made is not told of that member's entries (hazelcast-client 5.3).
      smartRouting: false,
      ...(tls !== undefined && { ssl: { enabled: true, sslOptions: await tlsOf(tls) } }),
    },
    ...(credentials !== undefined && {
      security: {
        usernamePassword: {
          username: credentials.username,
          password: Buffer.from(credentials.password.reveal()).toString(),
        },
      },
    }),
    // A member answers when its backup has the entry. Backups that answer clients directly leave those waiting that have no
    // connection to them yet.
    backupAckToClientEnabled: false,
    connectionStrategy: {
      asyncStart: true,
      reconnectMode: ReconnectMode.ASYNC,
      connectionRetry: { initialBackoffMillis: 200, maxBackoffMillis: 5000, multiplier: 1.5, jitter: 0.2 },
    },
    lifecycleListeners: [
      (state) => {
        if (state === LifecycleState.CONNECTED) turn('connected');
        else if (state === LifecycleState.DISCONNECTED || state === LifecycleState.SHUTDOWN) turn('away');
      },
    ],
    properties: {
      // Its messages may name keys, which are ids of sessions.
      'hazelcast.logging.level': 'OFF',
      'hazelcast.client.heartbeat.interval': 1000,
      'hazelcast.client.heartbeat.timeout': 5000,
      'hazelcast.client.invocation.timeout.millis': answerMs,
      'hazelcast.client.invocation.retry.pause.millis': 200,
    },
  });
};

const tlsOf = async (
  files: NonNullable<HazelcastSettings['tls']>,
): Promise<Readonly<Record<string, Buffer>>> =>
  Object.fromEntries(
    await Promise.all(
      Object.entries<string>(files).map(async ([part, path]) => [part, await readFile(path)] as const),
    ),
  );

/** One registration of a listener, taken back when nobody wants it any more. */
const changesOf = (client: HazelcastClient, name: string, log: Log): Observable<EntryChange> =>
  new Observable((subscriber) => {
    const gone = ({ key: of }: { key: string }): void =>
      subscriber.next({ kind: 'gone', key: of, value: undefined });
    const registered = client.getMap<string, unknown>(name).then(async (map) => {
      const id = await map.addEntryListener(
        {
          added: ({ key: of, value }) => subscriber.next({ kind: 'added', key: of, value }),
          updated: ({ key: of, value }) => subscriber.next({ kind: 'updated', key: of, value }),
          removed: gone,
          expired: gone,
          evicted: gone,
        },
        undefined,
        true,
      );
      return () => map.removeEntryListener(id);
    });
    const failed = (error: unknown): void =>
      log.warn({ event: 'store_unheard', err: error }, 'The Hazelcast cluster takes no listener');
    registered.catch(failed);
    return () => {
      // A client that is shutting down, or away, has nothing to take back.
      registered.then((remove) => remove()).catch(() => undefined);
    };
  });
