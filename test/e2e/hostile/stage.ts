import type { GatewayOverrides } from '../../support/gatewayOverrides.js';
import { startGateway, type RunningGateway } from '../../support/startGateway.js';
import { startMcpBackend, type McpBackend } from '../../support/startMcpBackend.js';
import { whileServing } from '../../support/whileServing.js';

/** A gateway in front of one native MCP server called `back`, and one REST service called `rest` that nobody serves. */
export interface HostileStage {
  readonly gateway: RunningGateway;
  readonly backend: McpBackend;
  readonly port: number;
  /** Runs the hostile part while a normal client is served. */
  beside<T>(hostile: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

const rest = `
  rest:
    type: rest
    url: http://127.0.0.1:9
    tools:
      find:
        description: Never reached
        method: GET
        path: /find
        input_schema:
          type: object
          properties: { region: { type: string, x-mcp-header: Region } }`;

/** Sets the stage; call `close` in `after`. */
export const setStage = async (overrides: GatewayOverrides = {}): Promise<HostileStage> => {
  const backend = await startMcpBackend();
  const gateway = await startGateway(`  back: { url: "${backend.url}" }${rest}`, overrides);
  return {
    gateway,
    backend,
    port: gateway.port,
    beside: (hostile) => whileServing(gateway.port, 'back_echo', hostile),
    async close() {
      await gateway.close();
      await backend.close();
    },
  };
};
