import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { within } from './within.js';

/** A backend that a test may kill, stop and start again. */
export interface BackendProcess {
  readonly port: number;
  readonly url: string;
  /** Sends a signal; for one that ends the process, resolves when it has ended. */
  signal(name: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): Promise<void>;
}

const entry = fileURLToPath(new URL('mcpBackendProcess.ts', import.meta.url));

/** Starts a native MCP server of the given era in a process of its own. */
export const startBackendProcess = async (era: 'modern' | 'legacy', port = 0): Promise<BackendProcess> => {
  const child = fork(entry, [era, String(port)], { execArgv: ['--import', 'tsx'] });
  const [ready] = (await within(10_000, 'the start of the backend process', once(child, 'message'))) as [
    { port: number },
  ];
  return {
    port: ready.port,
    url: `http://127.0.0.1:${ready.port}/mcp`,
    async signal(name) {
      const gone = child.exitCode !== null || child.signalCode !== null;
      if (gone) return;
      const exited = once(child, 'exit');
      child.kill(name);
      if (name === 'SIGKILL') await exited;
    },
  };
};
