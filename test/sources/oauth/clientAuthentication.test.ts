import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync, verify, type KeyObject } from 'node:crypto';
import { lastValueFrom } from 'rxjs';
import type { OAuthSettings } from '../../../src/config/oauthSettings.js';
import { clientAuthentication } from '../../../src/sources/oauth/clientAuthentication.js';
import { isRefusal } from './isRefusal.js';

const settings: OAuthSettings = { grant: 'client_credentials', allowedHosts: [] };
const pemOf = (key: KeyObject) => key.export({ type: 'pkcs8', format: 'pem' }).toString();

/** What goes to the token endpoint. */
const proof = async (
  known: readonly string[] | undefined,
  client: Parameters<typeof clientAuthentication>[1],
  more: Partial<OAuthSettings> = {},
) => {
  const issuer = 'https://as.example';
  const as = known === undefined ? { issuer } : { issuer, token_endpoint_auth_methods_supported: [...known] };
  const body = new URLSearchParams();
  const headers = new Headers();
  const authenticate = await lastValueFrom(clientAuthentication(as, client, { ...settings, ...more }));
  await authenticate(as, { client_id: client.clientId }, body, headers);
  return { body: Object.fromEntries(body), authorization: headers.get('authorization') };
};
const basic = (text: string) => ({
  body: {},
  authorization: `Basic ${Buffer.from(text).toString('base64')}`,
});

describe('oauth/clientAuthentication', () => {
  const client = { clientId: 'me', clientSecret: 'hush' };
  const posted = { body: { client_id: 'me', client_secret: 'hush' }, authorization: null };
  const open = { body: { client_id: 'me' }, authorization: null };

  it('is Basic where nothing is said', async () =>
    assert.deepEqual(await proof(undefined, client), basic('me:hush')));
  it('is what the authorization server knows', async () => {
    assert.deepEqual(await proof(['client_secret_post'], client), posted);
    assert.deepEqual(await proof(['none', 'client_secret_basic'], client), basic('me:hush'));
    assert.deepEqual(await proof(['none'], client), open);
  });
  it('is none for a client without a secret', async () =>
    assert.deepEqual(await proof(['client_secret_basic'], { clientId: 'me' }), open));
  it('is what the client was registered for, and above all what is configured', async () => {
    const registered = { ...client, authMethod: 'client_secret_post' };
    assert.deepEqual(await proof(['client_secret_basic'], registered), posted);
    assert.deepEqual(
      await proof(undefined, registered, { tokenEndpointAuthMethod: 'client_secret_basic' }),
      basic('me:hush'),
    );
  });
  it('encodes what Basic can not carry, and nothing else', async () =>
    assert.deepEqual(
      await proof(undefined, { clientId: 'https://a/b-c', clientSecret: 'a:b c+%ü' }),
      basic('https%3A%2F%2Fa%2Fb-c:a%3Ab%20c%2B%25%C3%BC'),
    ));
  it('is refused where nothing fits', () => {
    assert.throws(
      () =>
        clientAuthentication(
          { issuer: 'x', token_endpoint_auth_methods_supported: ['tls_client_auth'] },
          client,
          settings,
        ),
      isRefusal(/proof of identity/),
    );
    assert.throws(
      () =>
        clientAuthentication({ issuer: 'x' }, { clientId: 'me', authMethod: 'client_secret_post' }, settings),
      isRefusal(/proof of identity/),
    );
  });

  const keys = {
    ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    RS256: generateKeyPairSync('rsa', { modulusLength: 2048 }),
    Ed25519: generateKeyPairSync('ed25519'),
  };
  for (const [alg, { privateKey, publicKey }] of Object.entries(keys))
    it(`signs with ${alg}`, async () => {
      const privatePem = pemOf(privateKey);
      const { body, authorization } = await proof(
        undefined,
        { clientId: 'me' },
        { clientId: 'me', privateKey: privatePem },
      );
      assert.equal(authorization, null);
      assert.equal(body['client_assertion_type'], 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer');
      const [head = '', payload = '', signature = ''] = (body['client_assertion'] ?? '').split('.');
      const decode = (part: string) =>
        JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>;
      assert.equal(decode(head)['alg'], alg);
      const { iss, sub, aud } = decode(payload);
      assert.deepEqual([iss, sub, aud], ['me', 'me', 'https://as.example']);
      const good = verify(
        alg === 'Ed25519' ? null : 'sha256',
        Buffer.from(`${head}.${payload}`),
        {
          key: createPublicKey(publicKey.export({ type: 'spki', format: 'pem' })),
          dsaEncoding: 'ieee-p1363',
        },
        Buffer.from(signature, 'base64url'),
      );
      assert.ok(good);
    });

  it('signs with no other key, and says nothing of it', async () => {
    const other = pemOf(generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey);
    for (const privateKey of [other, 'not a key: hush'])
      await assert.rejects(
        proof(undefined, { clientId: 'me' }, { clientId: 'me', privateKey }),
        (error: Error) => {
          assert.ok(isRefusal(/^The configured private key is/)(error));
          return !`${error.message}${error.stack}`.includes('hush');
        },
      );
  });

  it('shows the configured key to the configured client only', async () => {
    const privateKey = pemOf(keys.ES256.privateKey);
    assert.deepEqual(await proof(['none'], { clientId: 'registered' }, { clientId: 'me', privateKey }), {
      body: { client_id: 'registered' },
      authorization: null,
    });
  });
});
