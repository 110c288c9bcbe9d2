import assert from 'node:assert/strict';
import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { canonicalJson } from '../../../src/protocol/canonicalJson.js';
import { signatureFault, type SignedManifest } from '../../../src/sources/consul/signatureFault.js';

const manifest: SignedManifest = {
  description: 'Get an order',
  inputSchema: { type: 'object', properties: { 10: {}, 9: {} } },
  name: 'get',
  serviceId: 'orders',
  version: '1',
};
const pairs = {
  rsa: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  p256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  ed25519: generateKeyPairSync('ed25519'),
  p384: generateKeyPairSync('ec', { namedCurve: 'P-384' }),
};
const pem = (key: KeyObject): string => key.export({ type: 'spki', format: 'pem' }).toString();
const trusted = new Map<string, string>([
  ...Object.entries(pairs).map(([name, { publicKey }]) => [name, pem(publicKey)] as const),
  ['broken', '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----'],
]);
const signed = (by: keyof typeof pairs, what = manifest): string =>
  sign(by === 'ed25519' ? null : 'sha256', Buffer.from(canonicalJson(what)), pairs[by].privateKey).toString(
    'base64',
  );
const faultOf = (signature: string | undefined, keyId: string | undefined, what = manifest) =>
  signatureFault({ signature, keyId, manifests: [what] }, trusted);

describe('signatureFault', () => {
  for (const algorithm of ['rsa', 'p256', 'ed25519'] as const)
    it(`${algorithm}: what is signed holds, and nothing else does`, () => {
      const signature = signed(algorithm);
      assert.equal(faultOf(signature, algorithm), undefined);
      for (const change of [
        { description: 'Get all orders' },
        { inputSchema: { type: 'object' } },
        { name: 'put' },
        { serviceId: 'others' },
        { version: '2' },
      ])
        assert.equal(faultOf(signature, algorithm, { ...manifest, ...change }), 'signature_invalid');
      assert.equal(faultOf(signature, algorithm === 'rsa' ? 'p256' : 'rsa'), 'signature_invalid');
    });

  it('the order of keys makes no difference', () => {
    const other = { ...manifest, inputSchema: { properties: { 9: {}, 10: {} }, type: 'object' } };
    assert.equal(faultOf(signed('ed25519'), 'ed25519', other), undefined);
  });

  it('a signature in lines is one', () => {
    const lines = signed('rsa').replace(/.{64}/g, '$&\n');
    assert.equal(faultOf(lines, 'rsa'), undefined);
  });

  const faults: [string | undefined, string | undefined, string][] = [
    [undefined, 'rsa', 'unsigned'],
    [' ', 'rsa', 'unsigned'],
    ['AAAA', undefined, 'missing_keyid'],
    ['AAAA', 'nobody', 'unknown_keyid'],
    ['not base64!', 'rsa', 'bad_signature_encoding'],
    ['AAAAA', 'rsa', 'bad_signature_encoding'],
    [signed('p384'), 'p384', 'unsupported_key_algorithm'],
    ['AAAA', 'ed25519', 'signature_invalid'],
    ['AAAA', 'broken', 'verification_error'],
  ];
  for (const [signature, keyId, fault] of faults)
    it(`${fault}: ${signature?.slice(0, 12) ?? 'no signature'}, ${keyId ?? 'no key id'}`, () =>
      assert.equal(faultOf(signature, keyId), fault));
});
