import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from './freePorts.js';
import { opaProgram } from './opaProgram.js';
import { serviceProcess } from './serviceProcess.js';

/** A real OPA server on loopback. */
export interface Opa {
  readonly url: string;
  readonly pid: number;
  /** Takes a policy as Rego, in place of the one of that name. */
  put(name: string, rego: string): Promise<void>;
  signal(name: 'SIGSTOP' | 'SIGCONT' | 'SIGKILL'): Promise<void>;
  close(): Promise<void>;
}

/** Builds OPA if it is not here yet, and starts a server. */
export const startOpa = async (): Promise<Opa> => {
  const program = await opaProgram();
  const folder = await mkdtemp(join(tmpdir(), 'sluice-opa-'));
  const [port = 0] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const server = await serviceProcess({
    name: 'OPA',
    program,
    args: ['run', '--server', `--addr=127.0.0.1:${port}`, '--disable-telemetry', '--log-level=error'],
    logFile: join(folder, 'opa.log'),
    isReady: () => isHealthy(url),
    readyMs: 20_000,
  });
  return {
    url,
    pid: server.pid,
    async put(name, rego) {
      const answer = await fetch(`${url}/v1/policies/${name}`, { method: 'PUT', body: rego });
      if (!answer.ok) throw new Error(`OPA: ${answer.status} ${await answer.text()}`);
    },
    signal: (name) => server.signal(name),
    async close() {
      await server.signal('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
};

const isHealthy = async (url: string): Promise<boolean> => {
  try {
    return (await fetch(`${url}/health`)).ok;
  } catch {
    return false; // Not listening yet.
  }
};
