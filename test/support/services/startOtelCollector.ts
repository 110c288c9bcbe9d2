import { access, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from './freePorts.js';
import { run } from './run.js';
import { serviceCache } from './serviceCache.js';
import { serviceProcess } from './serviceProcess.js';
import { Unavailable } from './unavailable.js';

const version = 'v0.155.0';

/** A real OpenTelemetry collector on loopback. */
export interface OtelCollector {
  /** Where it takes OTLP over HTTP. */
  readonly url: string;
  readonly pid: number;
  signal(name: 'SIGSTOP' | 'SIGCONT' | 'SIGKILL'): Promise<void>;
  close(): Promise<void>;
}

/**
 * Builds a collector of one receiver and one exporter if it is not here yet, and starts it.
 *
 * @param forwardTo where it sends what it took, as OTLP in JSON
 */
export const startOtelCollector = async (forwardTo: string): Promise<OtelCollector> => {
  const program = await built();
  const folder = await mkdtemp(join(tmpdir(), 'sluice-otelcol-'));
  const [port = 0] = await freePorts(1);
  const config = join(folder, 'otelcol.yaml');
  await writeFile(
    config,
    `receivers: { otlp: { protocols: { http: { endpoint: '127.0.0.1:${port}' } } } }
exporters: { otlp_http: { endpoint: '${forwardTo}', encoding: json, compression: none } }
service:
  telemetry: { metrics: { level: none } }
  pipelines:
    traces: { receivers: [otlp], exporters: [otlp_http] }
    metrics: { receivers: [otlp], exporters: [otlp_http] }
`,
  );
  const running = await serviceProcess({
    name: 'OpenTelemetry collector',
    program,
    args: ['--config', config],
    logFile: join(folder, 'otelcol.log'),
    isReady: (log) => log.includes('Everything is ready'),
    readyMs: 20_000,
  });
  return {
    url: `http://127.0.0.1:${port}`,
    pid: running.pid,
    signal: (name) => running.signal(name),
    async close() {
      await running.signal('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
};

/** Built once from its source by its own builder, which Go's sum database checks. */
const built = async (): Promise<string> => {
  const folder = await serviceCache('otelcol');
  const program = join(folder, 'dist', 'otelcol');
  try {
    await access(program);
    return program;
  } catch {
    // Not built yet.
  }
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(
      join(folder, 'builder.yaml'),
      `dist: { name: otelcol, output_path: '${join(folder, 'dist')}' }
receivers: [{ gomod: go.opentelemetry.io/collector/receiver/otlpreceiver ${version} }]
exporters: [{ gomod: go.opentelemetry.io/collector/exporter/otlphttpexporter ${version} }]
`,
    );
    await run('go', ['install', `go.opentelemetry.io/collector/cmd/builder@${version}`], {
      ms: 600_000,
      env: { GOBIN: folder },
    });
    await run(join(folder, 'builder'), ['--config', join(folder, 'builder.yaml')], {
      ms: 900_000,
      env: { CGO_ENABLED: '0' },
    });
  } catch (error) {
    throw new Unavailable('OpenTelemetry collector', String(error));
  }
  return program;
};
