import { BehaviorSubject, type Observable } from 'rxjs';
import { loadSettings } from '../../src/config/load.js';
import type { Settings } from '../../src/config/settings.js';
import { createGateway } from '../../src/gateway.js';
import type { CallRecord } from '../../src/protocol/audit/callRecord.js';
import { latest } from '../../src/streams/latest.js';
import { silent, type Log } from '../../src/streams/log.js';
import type { OwnPipeline } from '../../src/streams/ownPipeline.js';
import { overridden, type GatewayOverrides } from './gatewayOverrides.js';

/** A gateway that listens on ports of its own. */
export interface RunningGateway {
  readonly port: number;
  readonly url: string;
  readonly adminUrl: string;
  /** A record of each request that has ended. */
  readonly records$: Observable<CallRecord>;
  /** Takes other servers, as an edited configuration file would. */
  configure(servers: string): void;
  close(): Promise<void>;
}

/** Log lines on stderr, for finding out why a test fails: `SLUICE_TEST_LOG=1 npx mocha …`. */
const loud: Log = {
  debug: (fields, message) => console.error('debug', message, fields),
  info: (fields, message) => console.error('info', message, fields),
  warn: (fields, message) => console.error('warn', message, fields),
  error: (fields, message) => console.error('error', message, fields),
};

interface StartOptions {
  /** Where it listens; 0, the default, is anywhere. */
  readonly port?: number;
  /** YAML for more entries of `listen`, beginning with a comma. */
  readonly listen?: string;
  /** A pipeline of one's own. */
  readonly pipeline?: OwnPipeline;
}

/**
 * Starts a gateway in this process, on ephemeral ports, and waits until it is ready.
 *
 * @param servers the YAML below `servers:`, indented by two spaces
 * @param log takes what it logs; nobody by default
 */
export const startGateway = async (
  servers: string,
  { port = 0, listen = '', pipeline, ...overrides }: GatewayOverrides & StartOptions = {},
  log: Log = process.env['SLUICE_TEST_LOG'] === undefined ? silent : loud,
): Promise<RunningGateway> => {
  const parse = (text: string): Settings =>
    overridden(
      loadSettings(`listen: { port: ${port}${listen} }\nadmin: { port: 0 }\nservers:\n${text}\n`, {
        file: 'test.yaml',
        env: {},
        baseDir: process.cwd(),
      }),
      overrides,
    );
  const settings = new BehaviorSubject(parse(servers));
  const gateway = createGateway(latest(settings, settings.value), { log, version: '0.0.0-test', pipeline });
  const { url, adminUrl } = await gateway.listen();
  await gateway.ready();
  return {
    port: Number(new URL(url).port),
    url,
    adminUrl,
    records$: gateway.records$,
    configure: (next) => settings.next(parse(next)),
    close: () => gateway.close(),
  };
};
