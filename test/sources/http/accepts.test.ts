import assert from 'node:assert/strict';
import { accepts } from '../../../src/sources/http/accepts.js';

describe('sources/http/accepts', () => {
  const rows: [string | undefined, boolean, boolean][] = [
    [undefined, true, true],
    ['application/json, text/event-stream', true, true],
    ['text/event-stream, application/json', true, true],
    ['text/event-stream,application/json;q=0.5', true, true],
    ['APPLICATION/JSON', true, false],
    ['text/event-stream', false, true],
    ['*/*', true, true],
    ['application/*', true, false],
    ['text/*', false, true],
    ['text/html, */*;q=0.1', true, true],
    ['application/json;q=0, text/event-stream', false, true],
    ['application/json; q=0.000', false, false],
    ['application/json;q=0.001', true, false],
    ['application/jsonp', false, false],
    ['text/html', false, false],
    ['', false, false],
    [',,;', false, false],
  ];
  for (const [header, json, sse] of rows)
    it(`${JSON.stringify(header)}: ${json ? 'JSON' : 'no JSON'}, ${sse ? 'SSE' : 'no SSE'}`, () =>
      assert.deepEqual({ ...accepts(header), prefersSse: undefined }, { json, sse, prefersSse: undefined }));

  const preferring: [string | undefined, boolean][] = [
    [undefined, false],
    ['application/json, text/event-stream', false],
    ['application/json,text/event-stream', false],
    ['text/event-stream, application/json', true],
    ['text/event-stream;q=0.5, application/json', false],
    ['application/json;q=0.9, text/event-stream', true],
    ['application/json;q=0.9, text/event-stream;q=0.9', false],
    ['text/event-stream', true],
    ['text/event-stream, */*', true],
    ['*/*', false],
    ['text/event-stream;q=high, application/json', true],
    ['text/event-stream;q=9, application/json', true],
  ];
  for (const [header, prefersSse] of preferring)
    it(`${JSON.stringify(header)}: ${prefersSse ? 'rather SSE' : 'JSON will do'}`, () =>
      assert.equal(accepts(header).prefersSse, prefersSse));
});
