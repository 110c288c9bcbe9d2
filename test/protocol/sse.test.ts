import assert from 'node:assert/strict';
import { sseFrame, sseHeaders } from '../../src/protocol/sse.js';

describe('protocol/sse', () => {
  it('is one data line whatever the message holds', () => {
    const message = { text: 'a\r\nb\n\ndata: c\u2028d\u0000', nested: { big: 'x'.repeat(1000) } };
    const frame = sseFrame(message);
    assert.match(frame, /^event: message\ndata: [^\r\n]*\n\n$/);
    assert.deepEqual(JSON.parse(frame.slice('event: message\ndata: '.length)), message);
  });

  it('no proxy may hold it back', () =>
    assert.deepEqual(sseHeaders, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    }));
});
