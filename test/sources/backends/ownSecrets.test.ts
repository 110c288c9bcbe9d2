import assert from 'node:assert/strict';
import { ownSecrets } from '../../../src/sources/backends/ownSecrets.js';

const basic = Buffer.from('gateway:s3cret-of-it').toString('base64');

const cases: readonly (readonly [
  what: string,
  named: Record<string, string>,
  url: string,
  secrets: string[],
])[] = [
  ['a bearer token', { authorization: 'Bearer abc.def-123' }, '', ['abc.def-123']],
  ['a key', { 'x-api-key': '0123456789' }, '', ['0123456789']],
  ['Basic, and its password', { authorization: `Basic ${basic}` }, '', [basic, 's3cret-of-it']],
  ['a token by its look', { 'x-hub': `ghp_${'a1'.repeat(18)}` }, '', [`ghp_${'a1'.repeat(18)}`]],
  [
    'slashes, escaped for JSON and in URLs',
    { token: 'ab/cd/1234' },
    '',
    ['ab%2Fcd%2F1234', 'ab\\/cd\\/1234', 'ab/cd/1234'],
  ],
  ['a variable of a child', { DB_PASSWORD: 'pa55word!!' }, '', ['pa55word!!']],
  ['the password in the URL of a variable', { DATABASE: 'postgres://u:pa55-word@db/x' }, '', ['pa55-word']],
  ['the query of its URL', {}, 'https://a.example/mcp?api_key=k1234567&lang=de-DE-1996', ['k1234567']],
  ['no tenant, no language', { 'x-tenant': 'acme-2026', 'accept-language': 'de-DE-1996' }, '', []],
  ['no word', { 'x-auth': 'password' }, '', []],
  ['nothing short', { 'x-api-key': 'k-1' }, '', []],
  ['no way of authenticating', { 'x-auth-type': 'service-account-1' }, '', []],
];

describe('sources/backends/ownSecrets', () => {
  for (const [what, named, url, secrets] of cases)
    it(`takes ${what}`, () => {
      const found = ownSecrets(named, url === '' ? undefined : url);
      for (const secret of secrets) assert.ok(found.includes(secret), `${secret} in ${found.join(' ')}`);
      if (secrets.length === 0) assert.deepEqual(found, []);
    });
});
