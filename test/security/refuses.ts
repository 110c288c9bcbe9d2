import assert from 'node:assert/strict';
import { ask } from '../support/ask.js';
import { responseOf, type SeenMessage } from '../support/messagesOf.js';
import { openRaw } from '../support/openRaw.js';
import type { RawAnswer } from '../support/parseAnswer.js';
import type { RequestParts } from '../support/requestBytes.js';
import type { Stage } from './stage.js';

/** Status, JSON-RPC code and words of a refusal, and its data where it has some. */
export type Refusal = readonly [status: number, code: number, says: string | RegExp, data?: unknown];

/** One attempt: a name, what is sent (bytes go as they are), and the refusal it must get. */
export interface Attempt {
  readonly name: string;
  readonly send:
    RequestParts | Buffer | ((stage: Stage) => RequestParts | Buffer | Promise<RequestParts | Buffer>);
  /** A refusal in JSON-RPC; a bare status for what Node's HTTP parser refuses by itself, without a body. */
  readonly gets: Refusal | number;
}

/** A test for each attempt: it is refused exactly so, in words that reveal nothing, and no backend sees anything of it. */
export const refuses = (stage: () => Stage, attempts: readonly Attempt[]): void => {
  for (const { name, send, gets } of attempts)
    it(name, async () => {
      const on = stage();
      const answer = await on.unseen(async () => {
        const request = typeof send === 'function' ? await send(on) : send;
        return Buffer.isBuffer(request) ? askBytes(on.port, request) : ask(on.port, request);
      });
      revealsNothing(on, answer);
      if (typeof gets !== 'number') return isRefusal(answer, gets);
      assert.equal(answer.status, gets, answer.body);
      assert.equal(answer.body, '');
    });
};

/** Sends bytes on a connection of their own and gives the first answer. */
export const askBytes = async (port: number, bytes: Buffer): Promise<RawAnswer> => {
  const connection = await openRaw(port);
  try {
    connection.write(bytes);
    return await connection.answer();
  } finally {
    connection.destroy();
  }
};

/** Asserts that an answer is that refusal and nothing besides. */
export const isRefusal = (answer: RawAnswer, [status, ...rest]: Refusal): void => {
  assert.equal(answer.status, status, answer.body);
  isErrorOf(responseOf(answer), rest);
};

/** The same of a message that came on a transport without a status. */
export const isErrorOf = (
  { result, error }: SeenMessage,
  [code, says, data]: readonly [code: number, says: string | RegExp, data?: unknown],
): void => {
  // What a model can mend comes as a result with `isError` (SEP-1303): code 0 in our tables.
  const [found, words] =
    code === 0
      ? [0, result?.isError === true ? result.content?.[0]?.text : undefined]
      : [error?.code, error?.message];
  assert.equal(found, code, JSON.stringify(error ?? result));
  if (typeof says === 'string') assert.equal(words, says);
  else assert.match(words ?? '', says);
  assert.deepEqual(error?.data, data);
};

/** Addresses, paths, stacks and the gateway's insides have no place in an answer. */
export const revealsNothing = ({ witness, gateway }: Stage, { body, headers }: RawAnswer): void => {
  const all = JSON.stringify(headers) + body;
  for (const secret of [
    String(witness.port),
    gateway.adminUrl,
    process.cwd(),
    'node:internal',
    'node_modules',
  ])
    assert.ok(!all.includes(secret), `${secret} in ${all.slice(0, 500)}`);
  assert.doesNotMatch(all, /\bat \S+ \(|\.[jt]s:\d+/);
};
