/** A stdio MCP server of 2025-11-25 for tests: its tool `witness` gives its environment, its arguments and every line it has read. */
import { createInterface } from 'node:readline';

const lines = [];
const resultOf = ({ method, params }) => {
  if (method === 'initialize')
    return {
      protocolVersion: '2025-11-25',
      capabilities: { tools: {} },
      serverInfo: { name: 'witness', version: params.protocolVersion },
    };
  if (method === 'tools/list') return { tools: [{ name: 'witness', inputSchema: { type: 'object' } }] };
  if (method !== 'tools/call') return {};
  const seen = JSON.stringify({ env: process.env, argv: process.argv, lines });
  return { content: [{ type: 'text', text: seen }] };
};

createInterface({ input: process.stdin }).on('line', (line) => {
  lines.push(line);
  const message = JSON.parse(line);
  if (message.id === undefined) return;
  const result = resultOf(message);
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id: message.id, result })}\n`);
});
