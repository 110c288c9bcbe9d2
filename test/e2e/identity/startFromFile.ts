import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { firstValueFrom, share, type Subscription } from 'rxjs';
import { createGateway } from '../../../src/gateway.js';
import { fromConfigFile } from '../../../src/sources/fromConfigFile.js';
import { latest } from '../../../src/streams/latest.js';
import type { Log } from '../../../src/streams/log.js';

/** A gateway that follows a file in a folder of its own, as `sluice start` does, but in this process. */
export interface GatewayOfFile {
  readonly port: number;
  readonly url: string;
  readonly adminUrl: string;
  close(): Promise<void>;
}

/** A folder for a configuration and what it names. */
export interface ConfigFolder {
  readonly path: string;
  write(name: string, text: string): Promise<void>;
  /** Starts a gateway with `gateway.yaml`. */
  start(log: Log): Promise<GatewayOfFile>;
  remove(): Promise<void>;
}

/** Makes it; call `remove` in `after`. */
export const configFolder = async (): Promise<ConfigFolder> => {
  const path = await mkdtemp(join(tmpdir(), 'sluice-identity-'));
  return {
    path,
    write: (name, text) => writeFile(join(path, name), text),
    async start(log) {
      const settings$ = fromConfigFile(join(path, 'gateway.yaml'), {
        env: {},
        log,
        settleMs: 20,
        pollMs: 50,
      }).pipe(share());
      const held: Subscription = settings$.subscribe();
      const first = await firstValueFrom(settings$);
      const settings = latest(settings$, first);
      const gateway = createGateway(settings, { log, version: '0.0.0-test' });
      const close = async (): Promise<void> => {
        await gateway.close();
        settings.close();
        held.unsubscribe();
      };
      try {
        const { url, adminUrl } = await gateway.listen();
        await gateway.ready();
        return { url, adminUrl, port: Number(new URL(url).port), close };
      } catch (error) {
        await close();
        throw error;
      }
    },
    remove: () => rm(path, { recursive: true, force: true }),
  };
};
