import { mergeMap } from 'rxjs';
import { addressReplies } from '../../src/operators/addressReplies.js';
import { result, type Reply } from '../../src/streams/reply.js';
import { call } from '../../src/testing/call.js';
import { marbles } from '../../src/testing/marbles.js';

const p: Reply = { kind: 'notification', method: 'notifications/progress', params: { progress: 1 } };
const l: Reply = { kind: 'notification', method: 'notifications/message', params: { level: 'info' } };
const withToken = (progressToken: unknown): Reply => ({ ...p, params: { ...p.params, progressToken } });
const r = result({});

describe('operators/addressReplies', () => {
  for (const token of ['mine', 7, 0, ''])
    it(`gives progress the client's own token back: ${JSON.stringify(token)}`, () =>
      marbles(({ cold, expectObservable }) => {
        const part = cold('    -p-l-(r|)', { p, l, r });
        const calls = cold('  a|', {
          a: call('tools/call', { params: { _meta: { progressToken: token } } }),
        });
        const expected = '    -P-l-(r|)';
        expectObservable(calls.pipe(addressReplies(mergeMap(() => part)))).toBe(expected, {
          P: withToken(token),
          l,
          r,
        });
      }));

  it('brings no progress to who has not asked for it', () =>
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const part = cold('    -p-l-(r|)', { p, l, r });
      const calls = cold('  a|', { a: call('tools/call') });
      const partSubs = '    ^----!';
      const expected = '    ---l-(r|)';
      expectObservable(calls.pipe(addressReplies(mergeMap(() => part)))).toBe(expected, { l, r });
      expectSubscriptions(part.subscriptions).toBe(partSubs);
    }));
});
