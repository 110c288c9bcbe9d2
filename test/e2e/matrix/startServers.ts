import { fileURLToPath } from 'node:url';
import { startEverythingServer } from '../../fixtures/everythingServer/startEverythingServer.js';
import type { ServerKind } from './plan.js';
import { restTools, startRestTwin } from './startRestTwin.js';

/** A server of the matrix. */
interface Started {
  /** What stands after its name in the configuration, as JSON, which is YAML. */
  readonly settings: Readonly<Record<string, unknown>>;
  close(): Promise<void>;
}

/** The resource of a server that changes: each has its own, for a URI leads to one server. */
export const watchedAt = (server: ServerKind): string => `test://${server}/watched`;

const overHttp = (era: 'legacy' | 'modern' | 'sse') => async (): Promise<Started> => {
  const server = await startEverythingServer({ era, watched: watchedAt(era) });
  return { settings: { type: 'mcp', url: server.url }, close: () => server.close() };
};

const stdioMain = fileURLToPath(new URL('../../fixtures/everythingStdio/main.ts', import.meta.url));

/** The gateway starts and ends the process. */
const overStdio = (name: ServerKind, era: 'legacy' | 'modern') => async (): Promise<Started> => ({
  settings: {
    type: 'stdio',
    command: process.execPath,
    args: ['--import', 'tsx', stdioMain, '--era', era, '--watched', watchedAt(name)],
    list_timeout: '20s',
  },
  close: () => Promise.resolve(),
});

const overRest = async (): Promise<Started> => {
  const service = await startRestTwin();
  return {
    settings: { type: 'rest', url: service.url, tools: restTools },
    close: () => service.close(),
  };
};

const starts: Readonly<Record<ServerKind, () => Promise<Started>>> = {
  legacy: overHttp('legacy'),
  modern: overHttp('modern'),
  sse: overHttp('sse'),
  stdio: overStdio('stdio', 'legacy'),
  stdioModern: overStdio('stdioModern', 'modern'),
  rest: overRest,
};

/** Starts one server of each kind. `yaml` is what stands below `servers:` in the configuration. */
export const startServers = async (): Promise<{ readonly yaml: string; close(): Promise<void> }> => {
  const started = await Promise.all(
    Object.entries(starts).map(async ([name, start]) => ({ name, ...(await start()) })),
  );
  return {
    yaml: started.map(({ name, settings }) => `  ${name}: ${JSON.stringify(settings)}`).join('\n'),
    close: async () => void (await Promise.all(started.map(({ close }) => close()))),
  };
};
