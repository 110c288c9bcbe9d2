import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { modernCall } from './modern.js';

/**
 * Runs something hostile while a normal client keeps calling a tool, and insists that each of its calls is answered rightly and
 * within five seconds, at least one of them after the hostile part is over.
 *
 * @param tool the exposed name of a tool that gives its arguments back as JSON text
 */
export const whileServing = async <T>(port: number, tool: string, hostile: () => Promise<T>): Promise<T> => {
  const state = { over: false };
  let round = 0;
  const callOnce = async (): Promise<void> => {
    const args = { round: ++round };
    const { result, error } = await modernCall(port, tool, args, 5000);
    assert.equal(error, undefined);
    assert.deepEqual(JSON.parse(result?.content?.[0]?.text ?? ''), args);
  };
  const others = (async () => {
    while (!state.over) {
      await callOnce();
      await delay(10); // the pace of a client that is in no hurry
    }
    await callOnce();
  })();
  // A failure of the others is reported when they are awaited below, also when the hostile part fails first.
  others.catch(() => undefined);
  try {
    return await hostile();
  } finally {
    state.over = true;
    await others;
  }
};
