import assert from 'node:assert/strict';
import { concealer } from '../../../src/protocol/redaction/concealer.js';
import { TextParts } from '../../../src/protocol/redaction/textParts.js';

const secret = 'aab-aab-aabc';
const conceal = concealer(() => [secret, 'other-secret']);

describe('protocol/redaction/concealer', () => {
  it('gives the same object back where nothing is to be concealed', () => {
    const message = { content: [{ type: 'text', text: 'aab-aab-aab' }], a: null, b: 1 };
    assert.equal(conceal.message(message), message);
  });

  it('conceals in values, in names, in the middle of texts', () =>
    assert.deepEqual(conceal.message({ a: [`x${secret}y`], [secret]: { b: `${secret} other-secret` } }), {
      a: ['x[redacted:credential]y'],
      '[redacted:credential]': { b: '[redacted:credential] [redacted:credential]' },
    }));

  it('leaves alone what is handed back to the server', () => {
    const message = { requestState: secret, shown: secret };
    assert.deepEqual(conceal.message(message), { requestState: secret, shown: '[redacted:credential]' });
    const held = { tasks: [{ taskId: secret, statusMessage: secret }] };
    const expected = { tasks: [{ taskId: secret, statusMessage: '[redacted:credential]' }] };
    assert.deepEqual(conceal.message(held), expected);
  });

  it('conceals in what is merely called like what is handed back', () =>
    assert.deepEqual(
      conceal.message({ structuredContent: { nextCursor: secret, task: { taskId: secret } }, content: [] }),
      {
        structuredContent: {
          nextCursor: '[redacted:credential]',
          task: { taskId: '[redacted:credential]' },
        },
        content: [],
      },
    ));

  it('finds a secret wherever it is cut in two, and cut into single characters', () => {
    const whole = `aab-aab-${secret}aab`;
    const through = (parts: readonly string[]): string => {
      const texts = new TextParts<number>(conceal);
      const out = parts.flatMap((part, index) => texts.push(index, part));
      return [...out, ...texts.flush()].map(({ text }) => text).join('');
    };
    const expected = 'aab-aab-[redacted:credential]aab';
    for (let at = 1; at < whole.length; at++)
      assert.equal(through([whole.slice(0, at), whole.slice(at)]), expected, `cut at ${at}`);
    assert.equal(through(whole.split('')), expected);
  });

  it('waits only for the rest of what has begun', () => {
    assert.equal(conceal.openFrom('says aab-a'), 5);
    assert.equal(conceal.openFrom('says aab-x'), 10);
  });
});
