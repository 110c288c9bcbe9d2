import { resolve } from 'node:path';
import type { RawConfig } from './schema.js';
import { Secret } from './secret.js';
import type { HazelcastSettings } from './hazelcastSettings.js';

type Raw = NonNullable<NonNullable<RawConfig['sessions']>['hazelcast']>;

/** `sessions.hazelcast` with its defaults, paths absolute. */
export const toHazelcast = (
  { cluster_name: clusterName = 'dev', addresses = ['127.0.0.1:5701'], username, password, tls }: Raw,
  baseDir: string,
): HazelcastSettings => ({
  clusterName,
  addresses,
  ...(username !== undefined && {
    credentials: { username, password: new Secret(Buffer.from(password ?? '')) },
  }),
  ...(tls !== undefined && {
    tls: {
      ...(tls.ca !== undefined && { ca: resolve(baseDir, tls.ca) }),
      ...(tls.cert !== undefined && { cert: resolve(baseDir, tls.cert) }),
      ...(tls.key !== undefined && { key: resolve(baseDir, tls.key) }),
    },
  }),
});
