import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { debianPackage, type Unpacked } from './debianPackage.js';
import { freePorts } from './freePorts.js';
import { serviceProcess } from './serviceProcess.js';

/** A real Prometheus on loopback. */
export interface Prometheus {
  readonly url: string;
  readonly pid: number;
  /** What a query gives now: labels and value of each series. */
  query(expression: string): Promise<readonly PrometheusSeries[]>;
  /** The answer of its API at a path, `data` of it. */
  api(path: string): Promise<unknown>;
  close(): Promise<void>;
}

export interface PrometheusSeries {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

interface Answer {
  readonly status: string;
  readonly error?: string;
  readonly data: unknown;
}
interface Vector {
  readonly result: readonly {
    readonly metric: Readonly<Record<string, string>>;
    readonly value: readonly [number, string];
  }[];
}

/** Debian's Prometheus, or a program that comes with it (`promtool`), unpacked. */
export const prometheusProgram = (name: 'prometheus' | 'promtool'): Promise<Unpacked> =>
  debianPackage('prometheus', `usr/bin/${name}`);

/**
 * Fetches Prometheus if it is not here yet and starts it; it scrapes every 200 ms.
 *
 * @param targets `host:port` of what it scrapes
 * @param rules files of rules
 */
export const startPrometheus = async (
  targets: readonly string[],
  rules: readonly string[] = [],
): Promise<Prometheus> => {
  const { program, env } = await prometheusProgram('prometheus');
  const folder = await mkdtemp(join(tmpdir(), 'sluice-prometheus-'));
  const [port = 0] = await freePorts(1);
  const config = join(folder, 'prometheus.yml');
  await writeFile(
    config,
    `global: { scrape_interval: 200ms, scrape_timeout: 200ms, evaluation_interval: 200ms }
rule_files: ${JSON.stringify(rules)}
scrape_configs:
  - job_name: sluice
    static_configs: [{ targets: ${JSON.stringify(targets)} }]
`,
  );
  const url = `http://127.0.0.1:${port}`;
  const running = await serviceProcess({
    name: 'Prometheus',
    program,
    env,
    args: [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--enable-feature=exemplar-storage',
      '--log.level=warn',
    ],
    logFile: join(folder, 'prometheus.log'),
    isReady: () => isReady(url),
    readyMs: 20_000,
  });
  const api = async (path: string): Promise<unknown> => {
    const { status, error, data } = (await (await fetch(`${url}/api/v1/${path}`)).json()) as Answer;
    if (status !== 'success') throw new Error(`Prometheus: ${error ?? status}`);
    return data;
  };
  return {
    url,
    pid: running.pid,
    api,
    async query(expression) {
      const { result } = (await api(`query?query=${encodeURIComponent(expression)}`)) as Vector;
      return result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
    },
    async close() {
      await running.signal('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
};

const isReady = async (url: string): Promise<boolean> => {
  try {
    return (await fetch(`${url}/-/ready`)).ok;
  } catch {
    return false; // Not listening yet.
  }
};
