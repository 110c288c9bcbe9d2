import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

/** The official transport, but that it ends its session when it is closed. @param by sends its requests */
export const leavingTransport = (url: string, by: typeof fetch): StreamableHTTPClientTransport =>
  new (class extends StreamableHTTPClientTransport {
    override async close(): Promise<void> {
      await this.terminateSession();
      await super.close();
    }
  })(new URL(url), { fetch: by });
