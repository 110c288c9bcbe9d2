import assert from 'node:assert/strict';
import { ownSecrets } from '../../../src/sources/backends/ownSecrets.js';

const basic = Buffer.from('gateway:s3cret-of-it').toString('base64');

const hook = `T0123ABCD/B0123ABCD/${'aB3'.repeat(8)}`;

const cases: readonly (readonly [
  what: string,
  named: Record<string, string>,
  address: string,
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
  [
    'what a path has in its query, as it stands and as it is read',
    {},
    '/get?q={q}&api_key=ab%2fcd%2B1234&n=1',
    ['ab%2fcd%2B1234', 'ab/cd+1234'],
  ],
  [
    'the code of a function, the signature of a link',
    {},
    '/f?code=Zx81-q9Lw&sig=a1%2Bb2-c3',
    ['Zx81-q9Lw', 'a1+b2-c3'],
  ],
  ['the address of a hook', {}, `https://hooks.slack.com/services/${hook}`, [hook]],
  [
    'the password in front of a host',
    {},
    'https://me:pa%2055-word@a.example/',
    ['pa 55-word', 'pa%2055-word'],
  ],
  ['cookies', { cookie: 'a=b; session=k1234567; id=0123-4567' }, '', ['k1234567', '0123-4567']],
  ['a user and a password', { auth: 'me:pa55-word' }, '', ['me:pa55-word', 'pa55-word']],
  ['the password of a connection', { DB: 'Server=db;Password=pa55-word;Pooling=1' }, '', ['pa55-word']],
  ['no place for an argument', {}, '/get?api_key={api_key_of_user}', []],
  ['no key to sort by', { sort_key: 'customer_id', session: 'interactive' }, '/get?code=de-DE', []],
  ['no tenant, no language', { 'x-tenant': 'acme-2026', 'accept-language': 'de-DE-1996' }, '', []],
  ['no word', { 'x-auth': 'password' }, '', []],
  ['nothing short', { 'x-api-key': 'k-1' }, '', []],
  ['no way of authenticating', { 'x-auth-type': 'service-account-1' }, '', []],
];

const programs: readonly (readonly [what: string, args: string[], secrets: string[]])[] = [
  ['the value after an option', ['server.js', '--token', 'k1234567', '-v'], ['k1234567']],
  ['the value of an option', ['--api-key=k1234567', 'k7654321'], ['k1234567']],
  [
    'a header',
    ['--header', 'X-Api-Key: k1234567', '-H=Authorization:Bearer secret-word'],
    ['k1234567', 'secret-word'],
  ],
  ['a variable', ['run', '-e', 'GITLAB_TOKEN=k1234567', 'image'], ['k1234567']],
  ['the password in an address', ['postgres://me:pa55-word@db:5432/x'], ['pa55-word']],
  ['the query of an address', ['-y', 'mcp-remote', 'https://a.example/mcp?apikey=k1234567'], ['k1234567']],
  ['a token by its look', ['--with', `ghp_${'a1'.repeat(18)}`], [`ghp_${'a1'.repeat(18)}`]],
  [
    'no option, no file, nothing else',
    ['--token', '--verbose', '--private-key', './key-1.pem', 'folder-2026'],
    [],
  ],
];

describe('sources/backends/ownSecrets', () => {
  for (const [what, named, url, secrets] of cases)
    it(`takes ${what}`, () => {
      const found = ownSecrets({ named, addresses: [url] });
      for (const secret of secrets) assert.ok(found.includes(secret), `${secret} in ${found.join(' ')}`);
      if (secrets.length === 0) assert.deepEqual(found, []);
    });

  for (const [what, args, secrets] of programs)
    it(`takes ${what}, from the arguments of a program`, () => {
      const found = ownSecrets({ args });
      for (const secret of secrets) assert.ok(found.includes(secret), `${secret} in ${found.join(' ')}`);
      if (secrets.length === 0) assert.deepEqual(found, []);
    });
});
