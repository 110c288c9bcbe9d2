import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ResourceUpdatedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { allPages } from './allPages.js';
import { answers } from './answers.js';
import type { MatrixClient } from './matrixClient.js';
import { toolAnswer } from './toolAnswer.js';

/** The official v1 client on a transport of its own. */
export const connectV1 = async (transport: Transport): Promise<MatrixClient> => {
  const client = new Client(
    { name: 'matrix', version: '1' },
    { capabilities: { elicitation: {}, sampling: {} } },
  );
  const asked: string[] = [];
  const watchers = new Map<string, (uri: string) => void>();
  client.setRequestHandler(ElicitRequestSchema, ({ params }) => {
    asked.push(params.message);
    return answers.elicited;
  });
  client.setRequestHandler(CreateMessageRequestSchema, ({ params }) => {
    asked.push(JSON.stringify(params.messages));
    return answers.sampled;
  });
  client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params: { uri } }) =>
    watchers.get(uri)?.(uri),
  );
  await client.connect(transport);
  return {
    asked,
    tools: () =>
      allPages(async (cursor) => {
        const { tools, nextCursor } = await client.listTools({ cursor });
        return { items: tools.map(({ name }) => name), next: nextCursor };
      }),
    resources: () =>
      allPages(async (cursor) => {
        const { resources, nextCursor } = await client.listResources({ cursor });
        return { items: resources.map(({ uri }) => uri), next: nextCursor };
      }),
    call: async (name, args = {}, options = {}) =>
      toolAnswer(await client.callTool({ name, arguments: args }, undefined, options)),
    async watch(uri, updated) {
      watchers.set(uri, updated);
      await client.subscribeResource({ uri });
      return async () => void (await client.unsubscribeResource({ uri }));
    },
    close: () => client.close(),
  };
};
