/**
 * A stdio MCP server of 2025-11-25 for tests: `echo`, `pid` (its own process id), `hang`. Plain JavaScript, so that a child starts
 * as fast as Node does.
 */
import { createInterface } from 'node:readline';

const tools = ['echo', 'pid', 'hang'];

const textOf = ({ name, arguments: args }) =>
  name === 'pid' ? String(process.pid) : JSON.stringify(args ?? {});

const resultOf = ({ method, params }) => {
  switch (method) {
    case 'initialize':
      return {
        protocolVersion: params.protocolVersion === '2025-11-25' ? params.protocolVersion : '2025-11-25',
        capabilities: { tools: {} },
        serverInfo: { name: 'stdio-test', version: '1' },
      };
    case 'tools/list':
      return { tools: tools.map((name) => ({ name, inputSchema: { type: 'object' } })) };
    case 'tools/call':
      return { content: [{ type: 'text', text: textOf(params) }] };
    case 'ping':
      return {};
    default:
      return undefined;
  }
};

createInterface({ input: process.stdin }).on('line', (line) => {
  const message = JSON.parse(line);
  if (message.id === undefined || message.method === undefined) return;
  if (message.method === 'tools/call' && message.params.name === 'hang') return;
  const result = resultOf(message);
  const answer =
    result === undefined
      ? { error: { code: -32601, message: `Unknown method ${message.method}` } }
      : { result };
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id: message.id, ...answer })}\n`);
});
