import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { within } from './within.js';

/** A server over HTTP+SSE in a process of its own, made with the official SDK. */
export interface SseProcess {
  readonly url: string;
  readonly port: number;
  /** Kills it; resolves when it is gone. */
  kill(): Promise<void>;
}

const main = fileURLToPath(new URL('../fixtures/everythingServer/main.ts', import.meta.url));

/** Starts the fixture; another one on the port of a killed one is that server, restarted. */
export const startSseProcess = async (port = 0): Promise<SseProcess> => {
  const child = spawn(process.execPath, ['--import', 'tsx', main, '--port', String(port), '--era', 'sse'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface(child.stdout);
  const [line] = (await within(20_000, 'the start of the server process', once(lines, 'line'))) as [string];
  const url = line.replace('listening ', '');
  return {
    url,
    port: Number(new URL(url).port),
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
  };
};
