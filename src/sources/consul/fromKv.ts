import type Consul from 'consul';
import { catchError, defer, map, of, repeat, type Observable } from 'rxjs';
import { isObject } from '../../protocol/jsonrpc.js';
import { askConsul } from './askConsul.js';
import { consulFailure } from './consulFailure.js';
import { fromBlockingQuery, type BlockingQueryOptions, type Reading } from './fromBlockingQuery.js';

/** Values of Consul KV, by key. */
export type KvValues = ReadonlyMap<string, string>;

/** How often a value is looked at that has no blocking query of its own, in milliseconds. */
const pollMs = 30_000;

/** Everything under a prefix, now and whenever any of it has changed. */
export const fromKv = (
  client: Consul,
  prefix: string,
  { query, waitMs }: BlockingQueryOptions,
): Observable<Reading<KvValues>> =>
  fromBlockingQuery(client, client.kv.get.bind(client.kv), {
    query: { ...query, key: prefix, recurse: 'true' },
    waitMs,
  }).pipe(map(readValues));

/**
 * One value, now and whenever it has changed.
 *
 * @param watched false to ask now and then instead of holding a question open
 */
export const fromKvKey = (
  client: Consul,
  key: string,
  { query, waitMs }: BlockingQueryOptions,
  watched: boolean,
): Observable<Reading<KvValues>> => {
  const method = client.kv.get.bind(client.kv);
  const asked = { ...query, key };
  const readings$: Observable<Reading<unknown>> = watched
    ? fromBlockingQuery(client, method, { query: asked, waitMs })
    : defer(() => askConsul(method, asked)).pipe(
        map((value) => ({ value })),
        catchError((error: unknown) => of({ failure: consulFailure(error) })),
        repeat({ delay: pollMs }),
      );
  return readings$.pipe(map(readValues));
};

const readValues = ({ value, failure }: Reading<unknown>): Reading<KvValues> =>
  failure === undefined ? { value: valuesIn(value) } : { failure };

const valuesIn = (answer: unknown): KvValues => {
  const items = Array.isArray(answer) ? answer : [answer];
  return new Map(
    items.flatMap((item) =>
      isObject(item) && typeof item['Key'] === 'string' && typeof item['Value'] === 'string'
        ? [[item['Key'], item['Value']] as const]
        : [],
    ),
  );
};
