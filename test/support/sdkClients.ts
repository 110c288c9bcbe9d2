import {
  Client as ModernClient,
  StreamableHTTPClientTransport as ModernTransport,
} from '@modelcontextprotocol/client';
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as LegacyTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

const name = { name: 'test', version: '1' };

/** What tests want of either client. */
export interface SdkClient {
  readonly era: 'legacy' | 'modern';
  listTools(): Promise<readonly { readonly name: string; readonly description?: string | undefined }[]>;
  callTool(name: string, args?: Record<string, unknown>): Promise<SdkResult>;
  close(): Promise<void>;
}

export interface SdkResult {
  readonly content: readonly { readonly type: string; readonly text?: string }[];
  readonly structuredContent?: unknown;
  readonly isError?: boolean;
}

/** The official client of each era, connected. */
export const sdkClients: Readonly<Record<SdkClient['era'], (url: string) => Promise<SdkClient>>> = {
  async legacy(url) {
    const client = new LegacyClient(name);
    await client.connect(new LegacyTransport(new URL(url)));
    return {
      era: 'legacy',
      listTools: async () => (await client.listTools()).tools,
      callTool: async (tool, args = {}) =>
        (await client.callTool({ name: tool, arguments: args })) as unknown as SdkResult,
      close: () => client.close(),
    };
  },
  async modern(url) {
    const client = new ModernClient(name, { versionNegotiation: { mode: { pin: '2026-07-28' } } });
    await client.connect(new ModernTransport(new URL(url)));
    return {
      era: 'modern',
      listTools: async () => (await client.listTools()).tools,
      callTool: async (tool, args = {}) =>
        (await client.callTool({ name: tool, arguments: args })) as unknown as SdkResult,
      close: () => client.close(),
    };
  },
};
