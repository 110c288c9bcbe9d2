import assert from 'node:assert/strict';
import { knownRevision } from '../../src/protocol/revisions/index.js';
import { encode } from '../../src/sinks/encode.js';
import { result, type ErrorReply } from '../../src/streams/reply.js';

const us = { name: 'sluice', version: '1' };
const failed: ErrorReply = { kind: 'error', error: { code: -32602, message: 'no' } };
const old = knownRevision('2025-11-25');
const modern = knownRevision('2026-07-28');
const request = (id: number | string) => ({ jsonrpc: '2.0', id, method: 'tools/call' }) as const;
const notification = { jsonrpc: '2.0', method: 'notifications/x' } as const;

describe('sinks/encode', () => {
  for (const id of [0, 1, '1', '', -5, Number.MAX_SAFE_INTEGER])
    it(`gives back the id ${JSON.stringify(id)}, type included`, () => {
      assert.deepEqual(encode(result({ a: 1 }), request(id), old, us), {
        jsonrpc: '2.0',
        id,
        result: { a: 1 },
      });
      assert.deepEqual(encode(failed, request(id), old, us), { jsonrpc: '2.0', id, error: failed.error });
    });

  it('an error about a message without id has null in 2025 and none in 2026', () => {
    assert.deepEqual(encode(failed, notification, old, us), {
      jsonrpc: '2.0',
      id: null,
      error: failed.error,
    });
    assert.deepEqual(encode(failed, notification, modern, us), { jsonrpc: '2.0', error: failed.error });
  });

  it('speaks as the revision does', () => {
    const { result: value } = encode(result({ content: [] }), request(1), modern, us) as {
      result: Record<string, unknown>;
    };
    assert.equal(value['resultType'], 'complete');
  });
});
