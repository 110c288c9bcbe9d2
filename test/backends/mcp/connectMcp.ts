import { mcpBackend, type McpBackendOptions } from '../../../src/sources/backends/mcp/mcpBackend.js';
import type { Backend } from '../../../src/streams/backend.js';
import { silent } from '../../../src/streams/log.js';

const open: Backend[] = [];

/** A backend for a test; all of them are closed by {@link disconnectAll}. */
export const connectMcp = (url: string, overrides: Partial<McpBackendOptions> = {}): Backend => {
  const backend = mcpBackend({
    name: 'test',
    url,
    headers: {},
    protocol: 'auto',
    log: silent,
    clientInfo: { name: 'sluice-test', version: '0.0.0' },
    ...overrides,
  });
  open.push(backend);
  return backend;
};

/** For `afterEach`. */
export const disconnectAll = async (): Promise<void> => {
  await Promise.all(open.splice(0).map((backend) => backend.close(0)));
};
