import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';

/** A gateway in a process of its own. */
export interface RunningGateway {
  readonly url: string;
  close(): Promise<void>;
}

const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const patienceMs = 20_000;

/** Two ports nobody listens on, taken and given back: the gateway gets them by its configuration. */
const freePorts = async (): Promise<[number, number]> => {
  const servers = [createServer(), createServer()];
  const ports: number[] = [];
  for (const server of servers) {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    ports.push((server.address() as AddressInfo).port);
  }
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports as [number, number];
};

const ready = async (url: string): Promise<boolean> => {
  try {
    const { ok } = await fetch(url);
    return ok;
  } catch {
    return false; // not listening yet
  }
};

const end = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  if ((await Promise.race([ended, delay(10_000, undefined, { ref: false })])) !== undefined) return;
  child.kill('SIGKILL');
  await ended;
  throw new Error('the gateway did not end within 10 s of SIGTERM');
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
  const [port, adminPort] = await freePorts();
  const file = join(folder, 'gateway.yaml');
  await writeFile(
    file,
    stringify({
      listen: { host: '127.0.0.1', port, path: '/mcp' },
      admin: { host: '127.0.0.1', port: adminPort },
      servers: { everything: { type: 'mcp', url: upstream, prefix: '' } },
    }),
  );
  const child = spawn(process.execPath, [main, 'start', '-c', file], { stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      printed = (printed + chunk).slice(-20_000);
      if (verbose) process.stderr.write(chunk);
    });
  const close = async () => {
    await end(child);
    await rm(folder, { recursive: true, force: true });
  };

  const deadline = Date.now() + patienceMs;
  while (!(await ready(`http://127.0.0.1:${adminPort}/readyz`))) {
    if (child.exitCode === null && Date.now() < deadline) {
      await delay(50);
      continue;
    }
    const why = child.exitCode === null ? `was not ready within ${patienceMs} ms` : 'ended';
    await close();
    throw new Error(`the gateway ${why}:\n${printed}`);
  }
  return { url: `http://127.0.0.1:${port}/mcp`, close };
};
