import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mergedLines } from '../../src/replay/mergedLines.js';
import { recordingFiles } from '../../src/replay/recordingFiles.js';
import { replay, type ReplayOptions } from '../../src/replay/replay.js';
import { Tally } from '../../src/replay/tally.js';
import { startGateway, type RunningGateway } from '../support/startGateway.js';
import { startMcpBackend, type McpBackend } from '../support/startMcpBackend.js';
import { mixedTraffic, replayedTools } from './mixedTraffic.js';

/** A recording of mixed traffic, and what it can be replayed against. */
export interface RecordedStory {
  readonly folder: string;
  /** Another gateway than the one that recorded, in front of the same backends. */
  readonly gateway: RunningGateway;
  /** What the backends say from now on. */
  greeting: string;
  replay(options?: Partial<ReplayOptions>): Promise<Tally>;
  close(): Promise<void>;
}

/** Records so many rounds of mixed traffic. */
export const recordedStory = async (rounds: number): Promise<RecordedStory> => {
  const folder = await mkdtemp(join(tmpdir(), 'story-'));
  const said = { greeting: 'hello' };
  const tools = replayedTools(() => said.greeting);
  const backends: McpBackend[] = [
    await startMcpBackend({ tools }),
    await startMcpBackend({ tools, era: 'legacy' }),
  ];
  const [back, old] = backends.map(({ url }) => url);
  const servers = `  back: { url: "${back}" }\n  old: { url: "${old}" }`;
  const recording = await startGateway(`${servers}\nrecord: { to: "${folder}" }`);
  await mixedTraffic(recording.port, rounds);
  await recording.close();
  const gateway = await startGateway(servers);
  return {
    folder,
    gateway,
    get greeting() {
      return said.greeting;
    },
    set greeting(text: string) {
      said.greeting = text;
    },
    replay: (options = {}) => replayed(folder, gateway, options),
    async close() {
      await gateway.close();
      await Promise.all(backends.map((backend) => backend.close()));
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
