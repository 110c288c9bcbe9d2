import assert from 'node:assert/strict';
import { lacksScopes } from '../../src/operators/lacksScopes.js';
import type { Principal } from '../../src/streams/exchange.js';
import { knownPrincipal } from '../../src/streams/knownPrincipal.js';

describe('operators/lacksScopes', () => {
  const who = (scopes: readonly string[], method: Principal['method'] = 'jwt', anonymous = false) =>
    knownPrincipal({ id: 'ann', method, scopes, anonymous });

  const cases: [string, Principal, string[], boolean][] = [
    ['nothing is needed', who([]), [], false],
    ['all that is needed is there', who(['b', 'a']), ['a', 'b'], false],
    ['some of it is not', who(['a']), ['a', 'b'], true],
    ['a broad one implies the narrow', who(['admin']), ['a', 'b'], false],
    ['case matters', who(['A']), ['a'], true],
    ['strangers have none', who([], 'none', true), ['a'], true],
    ['who started the gateway with pipes needs none', who([], 'none'), ['a'], false],
  ];
  for (const [name, principal, needed, expected] of cases)
    it(name, () => assert.equal(lacksScopes(principal, needed, { admin: ['a', 'b'] }), expected));
});
