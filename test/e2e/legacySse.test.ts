import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { counts } from '../support/counts.js';
import { startGateway, type RunningGateway } from '../support/startGateway.js';
import { startStage, transportStory, type Stage } from '../support/transportStory.js';

describe('The official v1 client over HTTP+SSE', () => {
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
    transport: () => new SSEClientTransport(new URL(`http://127.0.0.1:${gateway.port}/sse`)),
    counts: () => counts(gateway.adminUrl),
  });
});
