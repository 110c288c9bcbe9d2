import { createHash } from 'node:crypto';
import { ignoreElements, map } from 'rxjs';
import { isObject } from '../../protocol/jsonrpc.js';
import { sealer, type Secrets } from '../../protocol/sealer.js';
import type { Grant, GrantRecord, GrantStore } from '../../streams/grants.js';
import { select, type Latest } from '../../streams/latest.js';
import type { HazelcastLink } from './hazelcastLink.js';

/** The name of the map on the members. */
const name = 'sluice.grants';
/** One that can be renewed, or does not say when it ends, is kept so long after it was written, in milliseconds. */
const longestMs = 30 * 24 * 3_600_000;

/**
 * Grants in a Hazelcast cluster, sealed: the members hold neither tokens nor names of callers. An entry opens only under the key it was
 * written with, so that nobody gets another's by moving it.
 *
 * @param secrets what they are sealed with; entries sealed with a secret that is gone are not there
 */
export const hazelcastGrants = (
  link: Pick<HazelcastLink, 'use'>,
  secrets: Latest<Secrets>,
  now: () => number = Date.now,
): GrantStore => {
  const seals = select(secrets, (current) => sealer(current, 'sluice grants in a cluster'));
  return {
    read: (key) =>
      link
        .use(name, (grants) => grants.get(hashed(key)))
        .pipe(
          map((found) => {
            const opened = typeof found === 'string' ? seals.current.open(found) : undefined;
            return opened?.['key'] === key && isObject(opened['record'])
              ? (opened['record'] as unknown as GrantRecord)
              : undefined;
          }),
        ),
    write: (key, record) =>
      link
        .use(name, (grants) =>
          grants.set(hashed(key), seals.current.seal({ key, record }), keptMs(record.grant, now())),
        )
        .pipe(ignoreElements()),
  };
};

const keptMs = (grant: Grant | undefined, now: number): number =>
  grant?.refreshToken !== undefined || grant?.expiresAt === undefined
    ? longestMs
    : Math.max(1000, grant.expiresAt - now);

const hashed = (key: string): string => createHash('sha256').update(key).digest('base64url');
