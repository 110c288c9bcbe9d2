import { startMcpBackend, type McpBackend } from '../support/startMcpBackend.js';
import { mixedTraffic, replayedTools } from './mixedTraffic.js';
import { recordedTraffic, type RecordedTraffic } from './recordedTraffic.js';

/** A recording of mixed traffic. */
export interface RecordedStory extends RecordedTraffic {
  /** What the backends say from now on. */
  greeting: string;
}

/** Records so many rounds of mixed traffic. */
export const recordedStory = async (rounds: number): Promise<RecordedStory> => {
  const said = { greeting: 'hello' };
  const tools = replayedTools(() => said.greeting);
  const backends: McpBackend[] = [
    await startMcpBackend({ tools }),
    await startMcpBackend({ tools, era: 'legacy' }),
  ];
  const [back, old] = backends.map(({ url }) => url);
  const recorded = await recordedTraffic(`  back: { url: "${back}" }\n  old: { url: "${old}" }`, ({ port }) =>
    mixedTraffic(port, rounds),
  );
  return Object.assign(said, {
    ...recorded,
    async close() {
      await recorded.close();
      await Promise.all(backends.map((backend) => backend.close()));
    },
  });
};
