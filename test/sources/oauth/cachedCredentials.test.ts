import assert from 'node:assert/strict';
import { defer, firstValueFrom, isObservable, of, Subject, throwError, type Observable } from 'rxjs';
import { cachedCredentials } from '../../../src/sources/oauth/cachedCredentials.js';
import type { CredentialHeaders, Credentials } from '../../../src/sources/oauth/credentials.js';
import { unauthorized } from '../../../src/sources/oauth/unauthorized.js';
import { memoryGrants } from '../../../src/stores/memoryGrants.js';
import type { Grant, GrantStore } from '../../../src/streams/grants.js';
import { silent } from '../../../src/streams/log.js';
import { isRefusal } from './isRefusal.js';

describe('oauth/cachedCredentials', () => {
  let time = 0;
  let made = 0;
  let obtain: () => Observable<Grant>;
  beforeEach(() => {
    time = 1_000_000;
    made = 0;
    obtain = () => defer(() => of(grant()));
  });
  const grant = (lifeMs = 60_000): Grant => ({
    issuer: 'https://as.example',
    resource: '',
    scopes: [],
    accessToken: `token${++made}`,
    expiresAt: time + lifeMs,
  });
  const credentials = (store: GrantStore = memoryGrants(), onDemand = false): Credentials =>
    cachedCredentials({
      server: 'orders',
      key: 'k',
      store,
      obtain: () => obtain(),
      onDemand,
      log: silent,
      now: () => time,
    });
  const given = async (headers: CredentialHeaders | Observable<CredentialHeaders>): Promise<string> => {
    const list = isObservable(headers) ? await firstValueFrom(headers) : headers;
    return list[1] ?? 'none';
  };
  const refused = (sent: CredentialHeaders, status: 401 | 403 = 401) => ({ status, challenges: [], sent });

  it('has a token at hand after the first, without any stream', async () => {
    const own = credentials();
    assert.equal(await given(own.headers()), 'Bearer token1');
    assert.deepEqual(own.headers(), ['authorization', 'Bearer token1']);
  });

  it('renews it before it ends', async () => {
    const own = credentials();
    await given(own.headers());
    time += 49_000;
    assert.equal(await given(own.headers()), 'Bearer token1');
    time += 2000;
    assert.equal(await given(own.headers()), 'Bearer token2');
  });

  it('goes on with one that has not ended yet where no other can be had', async () => {
    const own = credentials();
    await given(own.headers());
    obtain = () => throwError(() => unauthorized('no'));
    time += 55_000;
    assert.equal(await given(own.headers()), 'Bearer token1');
    time += 10_000;
    await assert.rejects(given(own.headers()), isRefusal('no'));
  });

  it('renews a refused one, once for all who were refused', async () => {
    const own = credentials();
    await given(own.headers());
    const sent = own.headers() as CredentialHeaders;
    time += 5000;
    const late = new Subject<Grant>();
    let asked = 0;
    obtain = () => {
      asked++;
      return late;
    };
    const both = [own.renew(refused(sent)), own.renew(refused(sent))].map((again) => given(again ?? []));
    late.next(grant());
    late.complete();
    assert.deepEqual(await Promise.all(both), ['Bearer token2', 'Bearer token2']);
    assert.equal(asked, 1);
    assert.equal(
      await given(own.renew(refused(sent)) ?? []),
      'Bearer token2',
      'who was refused with the one before',
    );
    assert.equal(asked, 1);
  });

  it('lets the refusal of a token stand that was just made, and of one that lacks scopes', async () => {
    const own = credentials();
    await given(own.headers());
    const sent = own.headers() as CredentialHeaders;
    assert.equal(own.renew(refused(sent)), undefined);
    time += 5000;
    assert.equal(own.renew(refused(sent, 403)), undefined);
  });

  it('does not take a refused token back from the store', async () => {
    const store = memoryGrants();
    const own = credentials(store);
    await given(own.headers());
    const sent = own.headers() as CredentialHeaders;
    time += 5000;
    assert.equal(await given(own.renew(refused(sent)) ?? []), 'Bearer token2');
    assert.equal(await given(credentials(store).headers()), 'Bearer token2');
    assert.equal(made, 2);
  });

  it('sends none before it is asked for one, where that is wished', async () => {
    const own = credentials(memoryGrants(), true);
    assert.equal(await given(own.headers()), 'none');
    assert.equal(await given(own.renew(refused([])) ?? []), 'Bearer token1');
    assert.equal(await given(own.headers()), 'Bearer token1');
  });

  it('does without a store that fails', async () => {
    const failing: GrantStore = {
      read: () => throwError(() => new Error('away')),
      write: () => throwError(() => new Error('away')),
    };
    assert.equal(await given(credentials(failing).headers()), 'Bearer token1');
  });

  it('fails whoever waits when it is closed', async () => {
    obtain = () => new Subject<Grant>();
    const own = credentials();
    const waiting = given(own.headers());
    own.close();
    await assert.rejects(waiting, /closed/);
  });
});
