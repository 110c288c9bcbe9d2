import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SignJWT } from 'jose';
import { newApiKey } from '../../src/protocol/identity/apiKey.js';
import { requestBytes } from '../support/requestBytes.js';
import { startIssuer, type Issuer } from '../support/startIssuer.js';
import { echoCall } from './attempts.js';
import { refuses, type Attempt, type Refusal } from './refuses.js';
import { setStage, type Stage } from './stage.js';

const audience = 'https://gw.example/mcp';
const stranger: Refusal = [401, 4001, 'Say who you are: this endpoint is not for everybody'];

const inUrl: Refusal = [400, -32600, 'A credential in the URL is not accepted: send it as a header'];

const json = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const soon = (): number => Math.floor(Date.now() / 1000) + 300;

/** A real token with its header, payload or signature replaced. */
const withHeader = (token: string, header: unknown): string => token.replace(/^[^.]*/, json(header));
const withPayload = (token: string, payload: unknown): string =>
  token.replace(/\.[^.]*\./, `.${json(payload)}.`);
const withSignature = (token: string, signature: string): string => token.replace(/[^.]*$/, signature);

describe('security: tokens that are forged', () => {
  let stage: Stage;
  let issuer: Issuer;
  before(async () => {
    issuer = await startIssuer();
    stage = await setStage({
      overrides: { listen: ', public_url: https://gw.example' },
      top: `auth: { jwt: { issuers: [{ issuer: "${issuer.url}" }] } }`,
      credential: async () => ({ authorization: `Bearer ${await issuer.token(audience)}` }),
    });
  });
  after(async () => {
    await stage.close();
    await issuer.close();
  });

  const unknownKey = 'The token is signed with a key that its issuer does not have';
  const invalid = 'The token is not valid';
  const badAlgorithm = 'The token is signed with an algorithm that is not accepted';
  const notForUs = 'The token is not meant for this resource';
  const otherIssuer = 'The token is of an issuer that is not accepted';
  const good = () => issuer.token(audience);
  const claims = () => ({ iss: issuer.url, sub: 'root', aud: audience, exp: soon() });
  /** A token signed with a key of the attacker's, whose header leads to that key; the gateway must not go there. */
  const leading = (name: string, header: (witness: string) => object, says = invalid): Attempt => ({
    name,
    send: async ({ witness }) => {
      const { kid, alg } = issuer.key;
      return bearer(withHeader(await good(), { alg, kid, typ: 'at+jwt', ...header(`${witness.url}/keys`) }));
    },
    gets: [401, 4001, says],
  });
  const bearer = (token: string) => echoCall({}, { authorization: `Bearer ${token}` });
  const forged = (name: string, token: () => Promise<string> | string, says: string): Attempt => ({
    name,
    send: async () => bearer(await token()),
    gets: [401, 4001, says],
  });
  const hmac = (secret: string, header: object = {}) =>
    new SignJWT(claims())
      .setProtectedHeader({ alg: 'HS256', kid: issuer.key.kid, ...header })
      .sign(new TextEncoder().encode(secret));

  refuses(
    () => stage,
    [
      ...['none', 'None', 'NONE', 'nOnE', ''].map((alg) =>
        forged(
          `alg: ${alg || 'empty'}`,
          async () => withSignature(withHeader(await good(), { alg }), ''),
          badAlgorithm,
        ),
      ),
      forged('no alg', async () => withHeader(await good(), { typ: 'at+jwt' }), badAlgorithm),
      forged('HS256 with the public key', async () => hmac(await issuer.publicPem()), badAlgorithm),
      forged('HS256 with the id of the key', () => hmac(issuer.key.kid), badAlgorithm),
      leading('a key at a URL of its own (jku)', (url) => ({ jku: url })),
      leading('a certificate at a URL of its own (x5u)', (url) => ({ x5u: url })),
      leading('a key of its own (jwk)', () => ({ jwk: { kty: 'EC', crv: 'P-256', x: 'a', y: 'b' } })),
      leading('a certificate of its own (x5c)', () => ({ x5c: ['MIIB'] })),
      leading('a kid that is a path', () => ({ kid: '../../../../dev/null' }), unknownKey),
      leading('a kid that is SQL', () => ({ kid: "' UNION SELECT 'key" }), unknownKey),
      leading('a kid that is a command', () => ({ kid: '| id' }), unknownKey),
      leading('a kid called __proto__', () => ({ kid: '__proto__' }), unknownKey),
      leading('a kid that is a list', () => ({ kid: ['a'] }), unknownKey),
      leading('a kid of 5,000 letters', () => ({ kid: 'k'.repeat(5000) }), unknownKey),
      leading('no kid', () => ({ kid: undefined })),
      leading('a critical extension', () => ({ crit: ['x'], x: 1 })),
      leading('an unencoded payload (b64)', () => ({ crit: ['b64'], b64: false })),
      leading('a token in a token', () => ({ cty: 'JWT' })),
      leading('an ID token', () => ({ typ: 'id+jwt' }), 'The token is no access token'),
      leading('a proof as token', () => ({ typ: 'dpop+jwt' }), 'The token is no access token'),
      forged('a signature of zeros', async () => withSignature(await good(), 'A'.repeat(86)), invalid),
      forged('an empty signature', async () => withSignature(await good(), ''), invalid),
      forged('half a signature', async () => withSignature(await good(), 'A'.repeat(43)), invalid),
      forged('another user', async () => withPayload(await good(), claims()), invalid),
      forged('a payload that is no JSON', async () => withPayload(await good(), 'hello'), invalid),
      forged('a payload that is a list', async () => withPayload(await good(), [claims()]), invalid),
      forged(
        'claims there twice',
        async () => withPayload(await good(), `{"sub":"ann","sub":"root"}`),
        otherIssuer,
      ),
      forged('a header that is no JSON', async () => withHeader(await good(), 'hello'), invalid),
      forged('two parts', async () => (await good()).replace(/\.[^.]*$/, ''), invalid),
      forged('four parts', async () => `${await good()}.x`, invalid),
      forged('an encrypted one', () => 'eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIn0..a.b.c', invalid),
      forged('a word', () => 'token', invalid),
      forged('an end in words', () => issuer.token(audience, { exp: 'never' }), 'The token has no end'),
      forged(
        'an issuer that is a list',
        () => issuer.token(audience, { iss: [issuer.url] as never }),
        otherIssuer,
      ),
      forged(
        'an issuer with a slash behind',
        () => issuer.token(audience, { iss: `${issuer.url}/` }),
        otherIssuer,
      ),
      forged('an audience with a slash behind', () => issuer.token(`${audience}/`), notForUs),
      forged('an audience in capitals', () => issuer.token(audience.toUpperCase()), notForUs),
      forged(
        'an audience that only begins like ours',
        () => issuer.token(`${audience}.evil.example`),
        notForUs,
      ),
      forged(
        'a subject that is an object',
        () => issuer.token(audience, { sub: { a: 1 }, client_id: undefined }),
        'The token names nobody',
      ),
      ...(['path', 'cookie', 'basic', 'body'] as const).map((place): Attempt => ({
        name: `a good one in the wrong place: ${place}`,
        send: async () => {
          const token = await good();
          if (place === 'path') return { ...echoCall(), path: `/mcp?access_token=${token}` };
          if (place === 'cookie')
            return echoCall({}, { cookie: `access_token=${token}; authorization=Bearer ${token}` });
          if (place === 'basic')
            return echoCall({}, { authorization: `Basic ${Buffer.from(`x:${token}`).toString('base64')}` });
          const { body, ...rest } = echoCall();
          return { ...rest, body: { ...body, access_token: token } };
        },
        gets: place === 'path' ? inUrl : stranger,
      })),
      {
        name: 'a WebSocket without one',
        send: ({ port }) =>
          requestBytes(port, {
            method: 'GET',
            headers: {
              upgrade: 'websocket',
              connection: 'Upgrade',
              'sec-websocket-version': '13',
              'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
            },
          }),
        gets: stranger,
      },
      { name: 'the HTTP+SSE stream without one', send: { method: 'GET', path: '/sse' }, gets: stranger },
      {
        name: 'a list without one',
        send: echoCall({}, { 'mcp-method': 'tools/list' }),
        gets: [400, -32020, 'Header mismatch: Mcp-Method differs from the method of the body'],
      },
      {
        name: 'an unknown tool without one, which says no more than a known one',
        send: echoCall({}, { 'mcp-name': 'back_echo' }),
        gets: stranger,
      },
      {
        name: 'a certificate that a stranger tells of (X-Forwarded-Client-Cert)',
        send: echoCall(
          {},
          {
            'x-forwarded-client-cert': 'URI=spiffe://acme/root',
            'x-forwarded-user': 'root',
            'x-ssl-client-verify': 'SUCCESS',
          },
        ),
        gets: stranger,
      },
    ],
  );
});

describe('security: keys that are guessed', () => {
  let stage: Stage;
  let folder: string;
  const [mine, ended, narrow] = [newApiKey(), newApiKey(), newApiKey()] as const;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'keys-'));
    const file = join(folder, 'keys.json');
    const entry = ({ hashed }: typeof mine, more: object = {}) => ({
      ...hashed,
      user: 'ann',
      created: new Date(0).toISOString(),
      ...more,
    });
    await writeFile(
      file,
      JSON.stringify({
        keys: [
          entry(mine),
          entry(ended, { expires: '2020-01-01T00:00:00Z' }),
          entry(narrow, { namespaces: ['part'] }),
        ],
      }),
    );
    stage = await setStage({
      top: `namespaces: { part: { servers: [back] } }\nauth: { api_keys: { file: "${file}" } }`,
      credential: () => Promise.resolve({ 'x-api-key': mine.key }),
    });
  });
  after(async () => {
    await stage.close();
    await rm(folder, { recursive: true });
  });

  const invalid: Refusal = [401, 4001, 'The API key is not valid here'];
  const key = (name: string, value: string, gets: Refusal = invalid): Attempt => ({
    name,
    send: echoCall({}, { 'x-api-key': value }),
    gets,
  });
  refuses(
    () => stage,
    [
      key('an unknown id', newApiKey().key),
      key('a known id with another secret', mine.key.slice(0, 17) + newApiKey().key.slice(17)),
      key('a known id with half its secret', mine.key.slice(0, 40)),
      key('a known id without a secret', mine.key.slice(0, 17)),
      key('a key and more', `${mine.key}A`),
      key('a key in small letters', mine.key.toLowerCase()),
      key('one that has ended', ended.key),
      key('one of another namespace', narrow.key),
      key('the hash instead of the key', mine.hashed.hash),
      key('__proto__', '__proto__'),
      key('white space', 'a b', [400, -32600, 'The header X-API-Key can not be read']),
      key('600 letters', 'k'.repeat(600), [400, -32600, 'The header X-API-Key can not be read']),
      {
        name: 'a key as bearer token with another secret',
        send: echoCall({}, { authorization: `Bearer ${newApiKey().key}` }),
        gets: invalid,
      },
      {
        name: 'two ways at once',
        send: echoCall({}, { 'x-api-key': mine.key, authorization: `Bearer ${mine.key}` }),
        gets: [400, -32600, 'Authorization and X-API-Key: send one'],
      },
      { name: 'in the query', send: { ...echoCall(), path: `/mcp?api_key=${mine.key}` }, gets: inUrl },
      { name: 'in a cookie', send: echoCall({}, { cookie: `x-api-key=${mine.key}` }), gets: stranger },
    ],
  );

  it('nothing of a key is in what is kept of it', () => {
    assert.ok(!mine.hashed.hash.includes(mine.key.slice(17)));
  });
});
