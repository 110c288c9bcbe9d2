import { once } from 'node:events';
import { WebSocket, type ClientOptions } from 'ws';
import { eventually } from '../../support/eventually.js';
import type { SeenMessage } from '../../support/messagesOf.js';
import { within } from '../../support/within.js';

export interface OpenSocket {
  readonly socket: WebSocket;
  readonly messages: SeenMessage[];
  send(message: unknown): void;
  /** The message that answers the request of that id. */
  answer(id: string | number): Promise<SeenMessage>;
  /** The code it is closed with. */
  readonly closed: Promise<number>;
}

/** Opens a WebSocket to a gateway and keeps what comes. */
export const openSocket = async (
  url: string,
  { protocols = ['mcp'], ...options }: ClientOptions & { protocols?: string[] } = {},
): Promise<OpenSocket> => {
  const socket = new WebSocket(url, protocols, options);
  const messages: SeenMessage[] = [];
  socket.on('message', (data: Buffer) => messages.push(JSON.parse(data.toString()) as SeenMessage));
  const closed = new Promise<number>((resolve) => socket.once('close', resolve));
  await within(3000, 'the opening', once(socket, 'open'));
  socket.on('error', () => undefined);
  return {
    socket,
    messages,
    closed,
    send: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    async answer(id) {
      await eventually(8000, `an answer to ${id}`, () => messages.some((message) => message.id === id));
      return messages.find((message) => message.id === id)!;
    },
  };
};
