/** A process with a stdio backend in it: `hostProcess.ts SCRIPT`. Says the child's facts over IPC, then dies of an error when told. */
import { stdioBackend } from '../../../src/sources/backends/stdio/stdioBackend.js';
import { silent } from '../../../src/streams/log.js';
import { backendCall, repliesOf, textOf } from '../mcp/backendCall.js';

const backend = stdioBackend({
  name: 'host',
  command: process.execPath,
  args: [String(process.argv[2]), 'legacy', 'stubborn', 'parent'],
  env: {},
  cwd: process.cwd(),
  protocol: 'auto',
  log: silent,
  clientInfo: { name: 'host', version: '0.0.0' },
});
const replies = await repliesOf(backend, backendCall('facts'));
process.once('message', () => {
  // What ends most processes before their time. No stack: it is meant.
  process.on('uncaughtException', () => process.exit(1));
  throw new Error('meant');
});
process.send?.(JSON.parse(textOf(replies.at(-1))));
