import assert from 'node:assert/strict';
import { createCipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';
import type { GatewayError } from '../../src/protocol/errors.js';
import { requestDigest, stateSeal, type CallState } from '../../src/protocol/sealedState.js';

const key = Buffer.alloc(32, 1);
const other = Buffer.alloc(32, 2);
let clock = 1000;
const sealWith = (...keys: readonly [Uint8Array, ...Uint8Array[]]) =>
  stateSeal({ keys, ttlMs: 500, now: () => clock });
const seal = sealWith(key);
const state: CallState = {
  principalId: 'ann',
  server: 'orders',
  method: 'tools/call',
  digest: 'd',
  upstream: '{"a": 1}\u0000 é😀',
};

/** Whether a text is refused as every bad state is: one code, one message, no hint. */
const isRefused = (text: string, by = seal): void =>
  void assert.throws(
    () => by.open(text),
    (error: GatewayError) => {
      assert.equal(error.code, 'ERR_STATE_INVALID');
      assert.deepEqual(error.toJsonRpc(), {
        code: -32602,
        message: 'requestState is invalid or has expired: send the request again without it',
        data: { reason: 'invalid_request_state' },
      });
      return true;
    },
  );

describe('protocol/sealedState', () => {
  beforeEach(() => (clock = 1000));

  it('opens what it sealed, byte by byte', () => assert.deepEqual(seal.open(seal.seal(state)), state));

  it('tells nothing of what it holds, and never the same text twice', () => {
    const text = seal.seal(state);
    assert.notEqual(text, seal.seal(state));
    assert.match(text, /^[\w-]+$/);
    assert.ok(!Buffer.from(text, 'base64url').includes('ann'));
  });

  it('refuses a text of which one bit has changed, wherever it is', () => {
    const bytes = Buffer.from(seal.seal(state), 'base64url');
    for (let at = 0; at < bytes.length; at++) {
      const altered = Buffer.from(bytes);
      altered.writeUInt8(bytes.readUInt8(at) ^ (1 << (at % 8)), at);
      isRefused(altered.toString('base64url'));
    }
  });

  it('refuses every part of a text, and more than it', () => {
    const text = seal.seal(state);
    for (let length = 0; length < text.length; length++) isRefused(text.slice(0, length));
    for (const tail of ['A', 'AAAA', '=', ' ', '\n', '!', '.']) isRefused(text + tail);
  });

  it('knows one spelling of a state only', () => {
    const text = seal.seal(state);
    isRefused(` ${text}`);
    isRefused(`${text.slice(0, 9)}\n${text.slice(9)}`);
    const bytes = Buffer.from(text, 'base64url');
    const plain = bytes.toString('base64');
    if (plain !== text) isRefused(plain);
  });

  it('refuses what is no state at all', () => {
    for (const text of ['', 'x', 'null', '{}', randomBytes(200).toString('base64url'), '=?base64?eA==?='])
      isRefused(text);
  });

  it('refuses a state of another key', () => isRefused(sealWith(other).seal(state)));

  it('opens states of the older key after a rotation, and seals with the newer', () => {
    const rotated = sealWith(other, key);
    assert.deepEqual(rotated.open(seal.seal(state)), state);
    assert.deepEqual(sealWith(other).open(rotated.seal(state)), state);
    isRefused(rotated.seal(state));
  });

  it('refuses a state that is too old, by the clock of whoever opens it', () => {
    const text = seal.seal(state);
    clock = 1500;
    assert.deepEqual(seal.open(text), state);
    clock = 1501;
    isRefused(text);
  });

  it('refuses what the key has sealed and is no state', () => {
    const sealed = (plain: string): string => {
      const id = createHash('sha256').update('sluice request state id').update(key).digest().subarray(0, 4);
      const nonce = randomBytes(12);
      const derived = Buffer.from(hkdfSync('sha256', key, '', 'sluice request state', 32));
      const cipher = createCipheriv('aes-256-gcm', derived, nonce);
      const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
      return Buffer.concat([id, nonce, cipher.getAuthTag(), body]).toString('base64url');
    };
    assert.deepEqual(seal.open(sealed('{"exp":9999}')), {});
    for (const plain of ['', 'null', '[]', '"x"', '{}', '{"exp":"9999"}', '{"exp":null}', '{"exp":'])
      isRefused(sealed(plain));
  });

  it('needs a key', () => {
    assert.throws(() => stateSeal({ keys: [] as never, ttlMs: 1, now: Date.now }), TypeError);
  });

  describe('the digest of a request', () => {
    const digest = requestDigest('tools/call', { name: 'pay', arguments: { a: 1, b: { c: 2, d: [3, 4] } } });

    it('does not depend on the order of keys', () =>
      assert.equal(
        requestDigest('tools/call', { arguments: { b: { d: [3, 4], c: 2 }, a: 1 }, name: 'pay' }),
        digest,
      ));

    it('leaves out what belongs to one round', () =>
      assert.equal(
        requestDigest('tools/call', {
          name: 'pay',
          arguments: { a: 1, b: { c: 2, d: [3, 4] } },
          _meta: { progressToken: 1 },
          inputResponses: { x: {} },
          requestState: 's',
        }),
        digest,
      ));

    const others: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
      'another value': { name: 'pay', arguments: { a: 2, b: { c: 2, d: [3, 4] } } },
      'another type': { name: 'pay', arguments: { a: '1', b: { c: 2, d: [3, 4] } } },
      'another order in an array': { name: 'pay', arguments: { a: 1, b: { c: 2, d: [4, 3] } } },
      'another name': { name: 'get', arguments: { a: 1, b: { c: 2, d: [3, 4] } } },
      'one more argument': { name: 'pay', arguments: { a: 1, b: { c: 2, d: [3, 4] }, e: null } },
      'an argument named as a part of the protocol': {
        name: 'pay',
        arguments: { a: 1, b: { c: 2, d: [3, 4] }, requestState: 's' },
      },
      'no arguments': { name: 'pay' },
    };
    for (const [what, params] of Object.entries(others))
      it(`differs with ${what}`, () => {
        if (!what.includes('named as')) assert.notEqual(requestDigest('tools/call', params), digest);
        else
          assert.notEqual(
            requestDigest('tools/call', params),
            requestDigest('tools/call', { ...params, arguments: { a: 1, b: { c: 2, d: [3, 4] } } }),
          );
      });

    it('differs with the method', () =>
      assert.notEqual(requestDigest('a', { name: 'x' }), requestDigest('b', { name: 'x' })));
  });
});
