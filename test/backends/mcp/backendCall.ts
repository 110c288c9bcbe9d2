import { lastValueFrom, toArray } from 'rxjs';
import type { Backend, BackendCall } from '../../../src/streams/backend.js';
import type { Reply } from '../../../src/streams/reply.js';
import { alwaysOpen } from '../../../src/streams/valve.js';

/** A call of a tool with the usual wishes: none. */
export const backendCall = (name: string, overrides: Partial<BackendCall> = {}): BackendCall => ({
  method: 'tools/call',
  params: { name, arguments: {} },
  repeatable: false,
  progress: false,
  logLevel: undefined,
  capabilities: {},
  principalId: 'anonymous',
  valve: alwaysOpen,
  ...overrides,
});

/** All replies to a call. */
export const repliesOf = (backend: Backend, call: BackendCall): Promise<Reply[]> =>
  lastValueFrom(backend.invoke(call).pipe(toArray()));

/** The first text block of a result. */
export const textOf = (reply: Reply | undefined): string => {
  if (reply?.kind !== 'result') throw new Error(`no result but ${JSON.stringify(reply)}`);
  const [block] = reply.result['content'] as { text: string }[];
  return block?.text ?? '';
};
