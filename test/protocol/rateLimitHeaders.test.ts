import assert from 'node:assert/strict';
import { rateLimitHeaders } from '../../src/protocol/rateLimitHeaders.js';

describe('protocol/rateLimitHeaders', () => {
  const headers = (name: string, windowMs: number, resetMs: number) =>
    rateLimitHeaders({ name, max: 20, windowMs, left: 7, resetMs });

  it('tell the policy and how it stands, in whole seconds that are never too few', () => {
    assert.deepEqual(headers('limits.database', 12_000, 7801), {
      'ratelimit-policy': '"limits.database";q=20;w=12',
      ratelimit: '"limits.database";r=7;t=8',
    });
    assert.deepEqual(headers('a', 333.3, 0), {
      'ratelimit-policy': '"a";q=20;w=1',
      ratelimit: '"a";r=7;t=1',
    });
  });

  it('names of any kind are strings of structured fields', () => {
    const { ratelimit } = headers('a"b\\c\r\nx: yé😀', 1000, 0);
    assert.equal(ratelimit, '"a\\"b\\\\c??x: y??";r=7;t=1');
  });
});
