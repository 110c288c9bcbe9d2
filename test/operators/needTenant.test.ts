import { needTenant } from '../../src/operators/needTenant.js';
import { knownPrincipal } from '../../src/streams/knownPrincipal.js';
import { constant } from '../../src/streams/latest.js';
import { byCode } from '../../src/testing/byCode.js';
import { marbles } from '../../src/testing/marbles.js';
import { catalogWith } from '../support/catalogWith.js';
import { enteredCall } from './scenarios.js';

const caller = (tenant: string | undefined) => ({
  ...enteredCall('ping'),
  principal: knownPrincipal({ id: 'x', tenant }),
});
const guarded = constant(catalogWith({ tenants: [{ name: 'acme', dedicated: false }] }));

describe('operators/needTenant', () => {
  it('passes who belongs to a tenant, in its frame', () =>
    marbles(({ cold, expectObservable }) => {
      const a = caller('acme');
      expectObservable(cold('--a--|', { a }).pipe(needTenant(guarded))).toBe('--a--|', { a });
    }));

  for (const tenant of [undefined, 'gone', '__proto__'])
    it(`refuses ${String(tenant)}`, () =>
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const calls = cold('--a--|', { a: caller(tenant) });
        expectObservable(calls.pipe(needTenant(guarded), byCode())).toBe('--#', {}, 'ERR_TENANT_REQUIRED');
        expectSubscriptions(calls.subscriptions).toBe('^-!');
      }));

  it('passes everybody where there are no tenants', () =>
    marbles(({ cold, expectObservable }) => {
      const a = caller(undefined);
      expectObservable(cold('a|', { a }).pipe(needTenant(constant(catalogWith(undefined))))).toBe('a|', {
        a,
      });
    }));
});
