import { Client, type Transport } from '@modelcontextprotocol/client';
import { allPages } from './allPages.js';
import { answers } from './answers.js';
import type { MatrixClient } from './matrixClient.js';
import { toolAnswer } from './toolAnswer.js';

const modern = '2026-07-28';

/** The official v2 client on a transport of its own, held to one era. */
export const connectV2 = async (transport: Transport, era: 'legacy' | 'modern'): Promise<MatrixClient> => {
  const client = new Client(
    { name: 'matrix', version: '1' },
    {
      capabilities: { elicitation: {}, sampling: {} },
      versionNegotiation: { mode: era === 'modern' ? { pin: modern } : 'legacy' },
    },
  );
  const asked: string[] = [];
  const watchers = new Map<string, (uri: string) => void>();
  client.setRequestHandler('elicitation/create', ({ params }) => {
    asked.push(params.message);
    return answers.elicited;
  });
  client.setRequestHandler('sampling/createMessage', ({ params }) => {
    asked.push(JSON.stringify(params.messages));
    return answers.sampled;
  });
  client.setNotificationHandler('notifications/resources/updated', ({ params: { uri } }) =>
    watchers.get(uri)?.(uri),
  );
  await client.connect(transport);

  /** Each era has a way of its own: a request and its opposite, or a stream that stays open. */
  const watching = async (uri: string): Promise<() => Promise<void>> => {
    if (era === 'modern') {
      const subscription = await client.listen({ resourceSubscriptions: [uri] });
      return () => subscription.close();
    }
    await client.subscribeResource({ uri });
    return async () => void (await client.unsubscribeResource({ uri }));
  };

  return {
    asked,
    tools: () =>
      allPages(async (cursor) => {
        const { tools, nextCursor } = await client.listTools({ ...(cursor !== undefined && { cursor }) });
        return { items: tools.map(({ name }) => name), next: nextCursor };
      }),
    resources: () =>
      allPages(async (cursor) => {
        const { resources, nextCursor } = await client.listResources({
          ...(cursor !== undefined && { cursor }),
        });
        return { items: resources.map(({ uri }) => uri), next: nextCursor };
      }),
    call: async (name, args = {}, options = {}) =>
      toolAnswer(await client.callTool({ name, arguments: { ...args } }, options)),
    watch(uri, updated) {
      watchers.set(uri, updated);
      return watching(uri);
    },
    close: () => client.close(),
  };
};
