import assert from 'node:assert/strict';
import { documentServer } from '../../../src/sources/backends/rest/openapi/documentServer.js';

describe('documentServer', () => {
  const named = (url: string) => ({ servers: [{ url }] }) as never;

  it('takes the server of the origin the document came from', () => {
    for (const url of ['/v1', 'http://api.test/v1'])
      assert.equal(documentServer(named(url), 'http://api.test/openapi.json').origin, 'http://api.test');
  });

  it('refuses a server of another origin: the credential would go there', () => {
    for (const url of ['http://evil.test/v1', 'https://api.test/v1', 'http://api.test:81/v1', '//evil.test'])
      assert.throws(() => documentServer(named(url), 'http://api.test/openapi.json'), /another origin/);
  });

  it('trusts a file, which the operator has put there', () =>
    assert.equal(documentServer(named('http://other.test'), './openapi.yaml').origin, 'http://other.test'));
});
