import type { BatchPart } from './story.js';
import { requestOf, type TestClient } from './testClient.js';
import { freshNonce } from './tellStory.js';
import { keyOf, type SentRequest } from './wire.js';

/** Sends a batch. Where batches are no part of the revision it is one message that can't be read, refused as a whole. */
export const batchOf = (client: TestClient, parts: readonly BatchPart[]): void => {
  const messages: unknown[] = [];
  const requests: SentRequest[] = [];
  for (const part of parts) add(part, messages, requests);
  if (client.name === 'POST 2025-03-26') client.sendBatch(messages, requests);
  else client.send(messages, [], 1);
};

const add = ({ what, id }: BatchPart, messages: unknown[], requests: SentRequest[]): void => {
  const request = (
    method: string,
    params: Record<string, unknown>,
    nonce?: string,
    excused = false,
  ): void => {
    messages.push(requestOf(id, method, params, false));
    requests.push({ key: keyOf(id), excused, ...(nonce !== undefined && { nonce }) });
  };
  const act = (steps: readonly string[], end: string, excused = false): void => {
    const nonce = freshNonce();
    request('tools/call', { name: 'old_act', arguments: { nonce, steps, end } }, nonce, excused);
  };
  switch (what) {
    case 'call':
      return act(['progress', 'log'], 'finish');
    case 'ask':
      return act(['ask'], 'finish');
    case 'hang and cancel':
      act([], 'hang', true);
      messages.push({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: id } });
      // All of that id are cancelled.
      for (const [index, each] of requests.entries())
        if (each.key === keyOf(id)) requests[index] = { ...each, excused: true };
      return;
    case 'list':
      return request('tools/list', {});
    case 'unknown':
      return request('nothing/here', {});
    case 'notification':
      return void messages.push({ jsonrpc: '2.0', method: 'notifications/roots/list_changed' });
    case 'response':
      return void messages.push({ jsonrpc: '2.0', id: `ask-${String(id)}`, result: {} });
  }
};
