import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { createTaskSessionFromClient, type TaskEnabledSession } from '@modelcontextprotocol/ext-tasks/client';
import { ask } from '../../support/ask.js';
import { responseOf, type SeenMessage } from '../../support/messagesOf.js';

/** The official tasks client over a connection of its own. */
export interface TaskClient {
  readonly session: TaskEnabledSession;
  /** What it was asked for meanwhile. */
  readonly questions: readonly unknown[];
  close(): Promise<void>;
}

const info = { name: 'tasks client', version: '1.0.0' };
const capabilities = { elicitation: {}, extensions: { 'io.modelcontextprotocol/tasks': {} } };
const version = '2026-07-28';

/**
 * Connects the official tasks client (`@modelcontextprotocol/ext-tasks`) in one of the two forms of tasks. The SDK's own client
 * can't carry the extension's messages, so they go out by plain POST, as that package wants.
 */
export const taskSession = async (url: string, form: '2025' | '2026'): Promise<TaskClient> => {
  const questions: unknown[] = [];
  const client = new Client(info, {
    capabilities,
    versionNegotiation: { mode: form === '2025' ? 'legacy' : { pin: version } },
  });
  await client.connect(new StreamableHTTPClientTransport(new URL(url)));
  const session = createTaskSessionFromClient(client, {
    endpointId: 'test',
    onInputRequest: (request) => {
      questions.push(request.params);
      return Promise.resolve({ action: 'accept', content: { name: 'Ada', confirm: true } } as never);
    },
    ...(form === '2026' && {
      rawDispatch: async (request) => dispatched(responseOf(await post(url, request as unknown as Sent))),
      v2RequestFraming: { protocolVersion: version, clientInfo: info, clientCapabilities: capabilities },
    }),
  });
  return {
    session,
    questions,
    async close() {
      await session.close();
      await client.close();
    },
  };
};

interface Sent {
  readonly method: string;
  readonly params?: Readonly<Record<string, unknown>>;
}

/** As the package wants it. */
const dispatched = ({ result, error }: SeenMessage) =>
  (error === undefined ? { kind: 'result', result } : { kind: 'error', error }) as never;

let lastId = 0;

const post = (url: string, body: Sent) => {
  const name = body.method === 'tools/call' ? body.params?.['name'] : body.params?.['taskId'];
  return ask(
    Number(new URL(url).port),
    {
      headers: {
        'mcp-protocol-version': version,
        'mcp-method': body.method,
        ...(typeof name === 'string' && { 'mcp-name': name }),
      },
      body: { ...body, jsonrpc: '2.0', id: ++lastId },
    },
    10_000,
  );
};
