/** Entry of a backend in a process of its own: `mcpBackendProcess.ts ERA PORT`. Says `{ port }` over IPC. */
import { startMcpBackend } from './startMcpBackend.js';

const [era, port] = process.argv.slice(2);
const backend = await startMcpBackend({
  era: era === 'legacy' ? 'legacy' : 'modern',
  port: Number(port),
  // Its lists are asked for again at every chance: tests want to see at once that it hangs, or is back.
  listTtlMs: 0,
});
process.once('disconnect', () => process.exit());
process.send?.({ port: backend.port });
