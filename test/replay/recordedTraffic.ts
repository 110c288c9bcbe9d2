import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mergedLines } from '../../src/replay/mergedLines.js';
import { recordingFiles } from '../../src/replay/recordingFiles.js';
import { replay, type ReplayOptions } from '../../src/replay/replay.js';
import { Tally } from '../../src/replay/tally.js';
import { startGateway, type RunningGateway } from '../support/startGateway.js';

/** A recording, and another gateway than the one that recorded it, in front of the same backends. */
export interface RecordedTraffic {
  readonly folder: string;
  replay(options?: Partial<ReplayOptions>): Promise<Tally>;
  close(): Promise<void>;
}

/**
 * Records what clients do.
 *
 * @param servers YAML of the servers, and whatever else of the configuration stands behind them
 */
export const recordedTraffic = async (
  servers: string,
  clients: (gateway: RunningGateway) => Promise<void>,
): Promise<RecordedTraffic> => {
  const folder = await mkdtemp(join(tmpdir(), 'recorded-'));
  const recording = await startGateway(`${servers}\nrecord: { to: "${folder}" }`);
  await clients(recording);
  await recording.close();
  const gateway = await startGateway(servers);
  return {
    folder,
    replay: (options = {}) => replayed(folder, gateway, options),
    async close() {
      await gateway.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
};

const replayed = async (
  folder: string,
  { url }: RunningGateway,
  options: Partial<ReplayOptions>,
): Promise<Tally> => {
  const { read } = await mergedLines(await recordingFiles([folder]));
  const tally = new Tally();
  await replay({
    lines: () => read({ read: () => undefined, warn: (message) => tally.warn(message) }),
    url,
    sseUrl: url.replace(/\/mcp$/, '/sse'),
    headers: {},
    rate: Infinity,
    users: 1,
    loops: 1,
    ignoring: (value) => value,
    timeoutMs: 20_000,
    concurrency: 32,
    joinsLate: false,
    tally,
    signal: new AbortController().signal,
    ...options,
  });
  return tally;
};
