import { access, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fromMaven } from './fromMaven.js';
import { run } from './run.js';
import { serviceCache } from './serviceCache.js';
import { Unavailable } from './unavailable.js';

const version = '26.4.5';

/** What every run of it needs, as its own `kc.sh` has it; little memory, and no time lost on optimising. */
const javaOptions = [
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  '-Xms64m',
  '-Xmx384m',
  '-XX:MaxMetaspaceSize=256m',
  ...['util', 'util.concurrent', 'security'].map((name) => `--add-opens=java.base/java.${name}=ALL-UNNAMED`),
  '-Djava.util.concurrent.ForkJoinPool.common.threadFactory=io.quarkus.bootstrap.forkjoin.QuarkusForkJoinWorkerThreadFactory',
  '-Djava.util.logging.manager=org.jboss.logmanager.LogManager',
  '-Dquarkus-log-max-startup-records=10000',
  '-Dpicocli.disable.closures=true',
];

/** Keycloak, unpacked and built, so that it starts at once. */
export interface KeycloakServer {
  /** Holds `lib`, `conf`, `providers` and `themes`; nobody writes there any more. */
  readonly folder: string;
  /** Arguments of `java` that run a command of Keycloak's. */
  command(home: string, ...args: readonly string[]): readonly string[];
}

/** Fetches and builds it once; afterwards it is in the cache. Its database is in memory. */
export const keycloakServer = async (): Promise<KeycloakServer> => {
  await run('java', ['-version'], { ms: 20_000 }).catch(() => {
    throw new Unavailable('Keycloak', 'there is no java, it needs 17 or newer');
  });
  const cache = await serviceCache('keycloak');
  const folder = join(cache, `built-${version}`);
  const command = (home: string, ...args: readonly string[]): readonly string[] => [
    ...javaOptions,
    `-Dkc.home.dir=${home}`,
    `-Djboss.server.config.dir=${join(home, 'conf')}`,
    '-cp',
    join(home, 'lib', 'quarkus-run.jar'),
    'io.quarkus.bootstrap.runner.QuarkusEntryPoint',
    ...args,
  ];
  const isThere = await access(folder).then(
    () => true,
    () => false,
  );
  if (!isThere) {
    // Made aside: a folder of this name is complete, whoever else builds at the same time.
    const fresh = await mkdtemp(join(cache, 'new-'));
    try {
      await fromMaven('Keycloak', 'unpack', `org.keycloak:keycloak-quarkus-dist:${version}:zip`, fresh);
      const built = join(fresh, `keycloak-${version}`);
      await run('java', command(built, 'build', '--db=dev-mem', '--health-enabled=true'), { ms: 240_000 });
      await rename(built, folder).catch((error: unknown) => {
        if ((error as { code?: unknown }).code !== 'ENOTEMPTY') throw error; // Another was faster.
      });
    } finally {
      await rm(fresh, { recursive: true, force: true });
    }
  }
  return { folder, command };
};
