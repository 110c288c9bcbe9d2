/** The example of docs/writing-an-operator.md, compiled and run. What stands there is compared with this file, piece by piece. */
import { map } from 'rxjs';
import { authenticate } from '../../src/operators/index.js';
import { knownPrincipal, refusal, stage, type Authenticated } from '../../src/index.js';
import { byCode } from '../../src/testing/byCode.js';
import { call } from '../../src/testing/call.js';
import { marbles } from '../../src/testing/marbles.js';
import { saysWhatRuns } from './saysWhatRuns.js';

/** Fact of `tenant`. */
interface Tenanted {
  readonly tenant: string;
}

/**
 * Reads the tenant off the principal.
 *
 * > Nothing of one tenant is ever looked up for another.
 *
 * calls   --a-----b--|
 * tenant  --A-----#        b's principal names no tenant: ERR_FORBIDDEN
 */
const tenant = () =>
  stage<Authenticated, Tenanted>((exchange) => {
    const [, tenant] = exchange.principal.id.split('@');
    if (tenant === undefined) throw refusal('ERR_FORBIDDEN', 'This principal belongs to no tenant');
    return { ...exchange, tenant };
  });

const as = (id: string) => authenticate(() => knownPrincipal({ id }));

describe('tenant', () => {
  it('passes a call in its frame', () =>
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const calls = cold('  --a--|', { a: call('tools/list') });
      const subs = '        ^----!';
      const expected = '    --t--|';
      expectObservable(
        calls.pipe(
          as('ann@acme'),
          tenant(),
          map(({ tenant }) => tenant),
        ),
      ).toBe(expected, { t: 'acme' });
      expectSubscriptions(calls.subscriptions).toBe(subs);
    }));

  it('refuses who belongs to none: ERR_FORBIDDEN', () =>
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const calls = cold('  --a--|', { a: call('tools/list') });
      const subs = '        ^-!';
      const expected = '    --#';
      expectObservable(calls.pipe(as('ann'), tenant(), byCode())).toBe(expected, {}, 'ERR_FORBIDDEN');
      expectSubscriptions(calls.subscriptions).toBe(subs);
    }));
});

describe('docs/writing-an-operator.md', () => {
  it('says what is compiled and run here', () =>
    saysWhatRuns('writing-an-operator.md', 2, new URL(import.meta.url)));
});
