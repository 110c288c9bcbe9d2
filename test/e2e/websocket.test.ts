import { WebSocketClientTransport } from '@modelcontextprotocol/sdk/client/websocket.js';
import { WebSocket } from 'ws';
import { counts } from '../support/counts.js';
import { startGateway, type RunningGateway } from '../support/startGateway.js';
import { startStage, transportStory, type Stage } from '../support/transportStory.js';

// What browsers and newer Nodes have; the official transport looks for it there.
Object.assign(globalThis, { WebSocket });

describe('The official v1 client over WebSocket', () => {
  let stage: Stage;
  let gateway: RunningGateway;

  before(async () => {
    stage = await startStage();
    gateway = await startGateway(stage.servers);
  });
  after(async () => {
    await gateway.close();
    await stage.close();
  });

  transportStory({
    stage: () => stage,
    transport: () => new WebSocketClientTransport(new URL(`ws://127.0.0.1:${gateway.port}/mcp`)),
    counts: () => counts(gateway.adminUrl),
  });
});
