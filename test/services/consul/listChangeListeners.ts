import { EventEmitter, once } from 'node:events';
import {
  Client as ClientV2,
  StreamableHTTPClientTransport as TransportV2,
} from '@modelcontextprotocol/client';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { within } from '../../support/within.js';

/** Official clients of both eras that wait for changes of the list of tools. */
export interface ListChangeListeners {
  /**
   * Does something, and waits until both clients have been told that the list has changed.
   *
   * @returns how long it took the slower one from the end of what was done, in milliseconds
   */
  toldBy(act: () => Promise<unknown>): Promise<number>;
  close(): Promise<void>;
}

/** Connects them. */
export const listChangeListeners = async (url: string): Promise<ListChangeListeners> => {
  const told = new EventEmitter();
  const v1 = new ClientV1({ name: 'test', version: '1' });
  v1.setNotificationHandler(ToolListChangedNotificationSchema, () => void told.emit('v1'));
  await v1.connect(new TransportV1(new URL(url)));
  const v2 = new ClientV2(
    { name: 'test', version: '1' },
    { versionNegotiation: { mode: { pin: '2026-07-28' } } },
  );
  v2.setNotificationHandler('notifications/tools/list_changed', () => void told.emit('v2'));
  await v2.connect(new TransportV2(new URL(url)));
  await v2.listen({ toolsListChanged: true });
  return {
    async toldBy(act) {
      const both = Promise.all(['v1', 'v2'].map((name) => once(told, name)));
      await act();
      const began = performance.now();
      await within(10_000, 'a notification of both clients', both);
      return performance.now() - began;
    },
    async close() {
      await v1.close();
      await v2.close();
    },
  };
};
