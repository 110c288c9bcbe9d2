import { spawn, type ChildProcess } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { within } from '../support/within.js';

/** A gateway in a process of its own. */
export interface RunningGateway {
  readonly url: string;
  close(): Promise<void>;
}

const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const patienceMs = 20_000;

const end = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  try {
    await within(10_000, 'the end of the gateway', ended);
  } catch (error) {
    child.kill('SIGKILL');
    await ended;
    throw error;
  }
};

/**
 * Starts the built gateway in front of one MCP server, names unprefixed, no authentication, and waits until it is ready.
 *
 * @param upstream the MCP server's URL
 * @param verbose show what the gateway logs
 */
export const startGateway = async (upstream: string, verbose: boolean): Promise<RunningGateway> => {
  if (!existsSync(main)) throw new Error('there is no dist/main.js: npm run build first');
  const folder = await mkdtemp(join(tmpdir(), 'sluice-gateway-'));
  const file = join(folder, 'gateway.yaml');
  await writeFile(
    file,
    stringify({
      listen: { host: '127.0.0.1', port: 0, path: '/mcp' },
      admin: { host: '127.0.0.1', port: 0 },
      servers: { everything: { type: 'mcp', url: upstream, prefix: '' } },
    }),
  );
  const child = spawn(process.execPath, [main, 'start', '-c', file], { stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  const started = new EventEmitter<{ urls: [url: string, readyUrl: string] }>();
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      printed = (printed + chunk).slice(-20_000);
      if (verbose) process.stderr.write(chunk);
      // What it says when it is ready, once it has asked the server what it offers.
      const [, url, readyUrl] = /MCP endpoint\s+(\S+)\s+Health\s+\S+\s+(\S+)\n/.exec(printed) ?? [];
      if (url !== undefined && readyUrl !== undefined) started.emit('urls', url, readyUrl);
    });
  const close = async () => {
    await end(child);
    await rm(folder, { recursive: true, force: true });
  };
  const dead = once(child, 'exit').then(() => Promise.reject(new Error('the gateway ended')));
  try {
    const [url, readyUrl] = (await within(
      patienceMs,
      'the start of the gateway',
      Promise.race([once(started, 'urls'), dead]),
    )) as [string, string];
    const ready = await fetch(readyUrl);
    if (!ready.ok) throw new Error(`the gateway is not ready: ${await ready.text()}`);
    return { url, close };
  } catch (error) {
    await close();
    throw new Error(`${String(error)}:\n${printed}`, { cause: error });
  }
};
