import { BehaviorSubject } from 'rxjs';
import { loadSettings } from '../../src/config/load.js';
import { createGateway } from '../../src/gateway.js';
import type { Gateway } from '../../src/gateway/gateway.js';
import { latest } from '../../src/streams/latest.js';
import { silent } from '../../src/streams/log.js';

/** A gateway whose configuration a test can change while it runs. */
export interface FollowingGateway {
  readonly gateway: Gateway;
  readonly port: number;
  readonly adminPort: number;
  /** Takes a new configuration: the YAML of everything but the listeners. */
  configure(yaml: string): void;
}

const parse = (yaml: string) =>
  loadSettings(`listen: { port: 0 }\nadmin: { port: 0 }\n${yaml}\n`, {
    file: 'test.yaml',
    env: {},
    baseDir: process.cwd(),
  });

/** Starts it on free ports and waits until it is ready. */
export const startFollowing = async (yaml: string): Promise<FollowingGateway> => {
  const settings = new BehaviorSubject(parse(yaml));
  const gateway = createGateway(latest(settings, settings.value), { log: silent, version: '0.0.0-test' });
  const { url, adminUrl } = await gateway.listen();
  await gateway.ready();
  return {
    gateway,
    port: Number(new URL(url).port),
    adminPort: Number(new URL(adminUrl).port),
    configure: (next) => settings.next(parse(next)),
  };
};
