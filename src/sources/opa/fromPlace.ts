import { posix } from 'node:path';
import type Consul from 'consul';
import {
  catchError,
  debounceTime,
  defer,
  from,
  interval,
  map,
  merge,
  of,
  retry,
  share,
  startWith,
  switchMap,
  timer,
  type Observable,
} from 'rxjs';
import type { OpaSettings, PolicyPlace } from '../../config/opaSettings.js';
import { isObject } from '../../protocol/jsonrpc.js';
import type { Log } from '../../streams/log.js';
import { consulClient } from '../consul/consulClient.js';
import { fromBlockingQuery, type Reading } from '../consul/fromBlockingQuery.js';
import { fromFolder } from '../fromFolder.js';
import { fromStamp } from '../fromStamp.js';
import { fromWithin } from '../fromWithin.js';
import { fromBundleUrl } from './fromBundleUrl.js';
import type { PolicyFeedOptions } from './policyFeedOptions.js';
import type { PolicyFiles } from './policyFiles.js';
import { PolicyFault } from './policyFault.js';
import { readPolicyFiles } from './readPolicyFiles.js';

/** Quiet time after a change before a file is read, in milliseconds. */
const settleMs = 100;
/** How often files are looked at where nothing announces changes, in milliseconds. */
const lookMs = 5000;

/**
 * What is to be read in one place, now and whenever it may have changed.
 *
 * @returns readings; never errors, never completes
 */
export const fromPlace = (
  place: PolicyPlace,
  options: PolicyFeedOptions,
): Observable<Reading<PolicyFiles>> => {
  if (place.kind === 'file') return fromFiles(place.path, options.log);
  return place.kind === 'url' ? fromBundleUrl(place.url, options) : fromKey(place.key, options.opa);
};

const fromFiles = (path: string, log: Log): Observable<Reading<PolicyFiles>> => {
  const read$ = defer(() => from(readPolicyFiles(path))).pipe(
    map((value) => ({ value })),
    catchError((error: unknown) => of({ failure: messageOf(error) })),
  );
  const named$ = fromFolder(path, log).pipe(share());
  // A folder tells of what is in it, until another one takes its place.
  const within$ = named$.pipe(
    startWith(undefined),
    switchMap(() => fromWithin(path)),
  );
  // Of what is deeper, and of file systems that do not tell, looking does.
  const looked$ = merge(merge(named$, within$).pipe(debounceTime(settleMs)), fromStamp(path, lookMs));
  return merge(looked$, interval(lookMs), of(undefined)).pipe(switchMap(() => read$));
};

const fromKey = (key: string, { consul }: OpaSettings): Observable<Reading<PolicyFiles>> =>
  defer(() => {
    if (consul === undefined) throw new PolicyFault('`consul:` needs an agent, and there is no `consul`');
    const client: Consul = consulClient(consul);
    return fromBlockingQuery<unknown>(client, client.kv.get.bind(client.kv), {
      // Its values are bytes: a bundle is no text.
      query: { key, buffer: 'true' },
      waitMs: consul.waitMs,
    }).pipe(
      map((reading): Reading<PolicyFiles> => {
        if (reading.failure !== undefined) return reading;
        const value = isObject(reading.value) ? reading.value['Value'] : undefined;
        if (!Buffer.isBuffer(value)) return { failure: `There is no key \`${key}\` in Consul KV` };
        const name = posix.basename(key);
        return { value: new Map([[name.endsWith('.rego') ? name : `${name}.rego`, value]]) };
      }),
    );
  }).pipe(
    // A file of `consul.tls` that is not there yet.
    retry({ delay: () => timer(lookMs) }),
  );

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
