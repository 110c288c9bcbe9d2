import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { lastValueFrom } from 'rxjs';
import { isRefusal } from './isRefusal.js';
import { memoryGrants } from '../../../src/stores/memoryGrants.js';
import type { GrantRecord, GrantStore } from '../../../src/streams/grants.js';
import { backendCall, repliesOf, textOf } from '../../backends/mcp/backendCall.js';
import {
  startAuthorizationServer,
  type AuthorizationServer,
} from '../../support/startAuthorizationServer.js';
import { agreeing, closeAll, protectedBackend } from './protectedBackend.js';

const echo = (n = 0) => backendCall('echo', { params: { name: 'echo', arguments: { n } } });
const count = (list: readonly string[], what: string) => list.filter((item) => item === what).length;

describe('an upstream server that wants tokens', () => {
  afterEach(closeAll);

  for (const era of ['modern', 'legacy'] as const)
    it(`is authorized for once, for all calls, in the ${era} era`, async () => {
      const { as, backend, guard, server } = await protectedBackend({ era });
      const answers = await Promise.all([1, 2, 3, 4, 5].map((n) => repliesOf(backend, echo(n))));
      assert.deepEqual(
        answers.map(([reply]) => textOf(reply)),
        [1, 2, 3, 4, 5].map((n) => JSON.stringify({ n })),
      );
      assert.equal(as.authorizations.length, 1);
      assert.deepEqual(as.requests.slice(-3), [
        'POST /register',
        'GET /authorize',
        'POST /token authorization_code',
      ]);
      assert.equal(as.authorizations[0]?.get('resource'), guard.url);
      assert.equal(as.tokenRequests[0]?.get('resource'), guard.url);
      assert.equal(server.calls, 5);
    });

  it('is asked again with a fresh token when the one at hand has run out, before it says so', async () => {
    const { as, backend, guard, pass } = await protectedBackend({ as: { lifetime: 300 } });
    await repliesOf(backend, echo());
    const refused = guard.requests.length;
    pass(295_000);
    assert.equal(textOf((await repliesOf(backend, echo(1)))[0]), '{"n":1}');
    assert.equal(as.tokenRequests.at(-1)?.get('grant_type'), 'refresh_token');
    assert.deepEqual(guard.requests.slice(refused), ['tools/call']);
    assert.equal(as.authorizations.length, 1);
  });

  it('gets a refused call again with a fresh token, although the call may not be sent twice', async () => {
    const { as, backend, guard, server } = await protectedBackend();
    await repliesOf(backend, echo());
    as.revokeAccess();
    const calls = await Promise.all([1, 2, 3].map((n) => repliesOf(backend, echo(n))));
    assert.deepEqual(
      calls.map(([reply]) => textOf(reply)),
      ['{"n":1}', '{"n":2}', '{"n":3}'],
    );
    assert.equal(server.calls, 4, 'none of them ran twice');
    assert.equal(count(guard.requests, '401 tools/call'), 3);
    assert.equal(count(as.requests, 'POST /token refresh_token'), 1, 'one renewal for all');
  });

  it('makes calls wait while the token is renewed, those that come meanwhile too', async () => {
    const { as, backend, pass } = await protectedBackend({ as: { lifetime: 60 } });
    await repliesOf(backend, echo());
    pass(70_000);
    const release = as.hold();
    const first = repliesOf(backend, echo(1));
    const others = [2, 3, 4].map((n) => repliesOf(backend, echo(n)));
    release();
    assert.equal(textOf((await first)[0]), '{"n":1}');
    await Promise.all(others);
    assert.equal(count(as.requests, 'POST /token refresh_token'), 1);
  });

  it('is authorized anew when the refresh token is no longer good', async () => {
    const { as, backend } = await protectedBackend();
    await repliesOf(backend, echo());
    as.revokeAccess();
    as.revokeRefresh();
    assert.equal(textOf((await repliesOf(backend, echo(1)))[0]), '{"n":1}');
    assert.equal(as.authorizations.length, 2);
    assert.equal(count(as.requests, 'POST /register'), 1, 'the client stays registered');
  });

  it('says what to do where there is nobody to agree', async () => {
    const { as, backend } = await protectedBackend({ consent: null });
    await assert.rejects(
      repliesOf(backend, echo()),
      isRefusal('The server "crm" has to be authorized: run `sluice authorize crm`'),
    );
    assert.deepEqual(as.authorizations, []);
    assert.equal(count(as.requests, 'POST /register'), 0);
  });

  it('finds the token that somebody else has got meanwhile', async () => {
    const { backend, connect, as, pass } = await protectedBackend({ consent: null });
    await assert.rejects(repliesOf(backend, echo()), isRefusal(/sluice authorize crm/));
    await repliesOf(connect({ consent: agreeing }), echo());
    pass(1001);
    assert.equal(textOf((await repliesOf(backend, echo(1)))[0]), '{"n":1}');
    assert.equal(as.authorizations.length, 1);
  });

  it('is not asked for ever when it refuses every token', async () => {
    const { as, backend, guard, pass } = await protectedBackend({ guard: { lookUp: () => undefined } });
    for (let n = 0; n < 10; n++) await assert.rejects(repliesOf(backend, echo()));
    const inTheFirst = as.tokenRequests.length;
    assert.equal(inTheFirst, 4, 'four a minute');
    assert.ok(guard.requests.length <= 30, `${guard.requests.length} requests`);
    pass(60_000);
    await assert.rejects(repliesOf(backend, echo()));
    assert.ok(as.tokenRequests.length > inTheFirst, 'and some more a minute later');
  });

  describe('scopes', () => {
    const scopesFor = (method: string) => (method === 'tools/call' ? ['write'] : ['read']);

    it('are raised when a call needs more, and what was granted is kept', async () => {
      const { as, backend, server } = await protectedBackend({ guard: { scopesFor } });
      assert.equal(textOf((await repliesOf(backend, echo(1)))[0]), '{"n":1}');
      assert.deepEqual(
        as.authorizations.map((query) => query.get('scope')),
        ['read', 'read write'],
      );
      assert.equal(server.calls, 1);
    });

    it('are not raised when the same have been asked for before: the refusal stands', async () => {
      const issuing: { as?: AuthorizationServer } = {};
      const lookUp = (token: string) => {
        const issued = issuing.as?.lookUp(token);
        return issued && { ...issued, scopes: ['read'] };
      };
      const { as, backend } = await protectedBackend({ guard: { scopesFor, lookUp } });
      issuing.as = as;
      for (let n = 0; n < 3; n++)
        await assert.rejects(repliesOf(backend, echo()), {
          code: 'ERR_UPSTREAM_FAILED',
          message: /HTTP 403/,
        });
      assert.equal(as.authorizations.length, 2);
    });

    it('stay what the configuration says', async () => {
      const { as, backend } = await protectedBackend({ guard: { scopesFor }, oauth: { scopes: ['read'] } });
      await assert.rejects(repliesOf(backend, echo()), { message: /HTTP 403/ });
      assert.deepEqual(
        as.authorizations.map((query) => query.get('scope')),
        ['read'],
      );
    });

    it('wait for a person where there is none, who is then asked for all of them', async () => {
      const test = await protectedBackend({ guard: { scopesFor }, consent: null });
      const { as, backend, connect, pass, credentialsWith } = test;
      await lastValueFrom(connect({ consent: agreeing }).offer());
      pass(1001);
      await assert.rejects(
        repliesOf(backend, echo()),
        isRefusal(/wants more scopes .* `sluice authorize crm`/),
      );
      assert.equal(as.authorizations.length, 1);
      const fresh = credentialsWith({ consent: agreeing });
      await lastValueFrom(fresh.authorize(undefined), { defaultValue: undefined });
      fresh.close();
      assert.equal(as.authorizations[1]?.get('scope'), 'read write');
      as.revokeAccess();
      assert.equal(textOf((await repliesOf(backend, echo(1)))[0]), '{"n":1}');
      assert.equal(as.authorizations.length, 2);
    });
  });

  describe('authorization servers', () => {
    it('that replace each other never see what belongs to the other', async () => {
      const other = await startAuthorizationServer();
      try {
        let current: AuthorizationServer | undefined;
        const test = await protectedBackend({
          guard: {
            issuers: () => [current?.issuer ?? ''],
            lookUp: (token) => current?.lookUp(token),
          },
        });
        current = test.as;
        await repliesOf(test.backend, echo());
        current = other;
        assert.equal(textOf((await repliesOf(test.backend, echo(1)))[0]), '{"n":1}');
        assert.equal(count(other.requests, 'POST /register'), 1);
        const seen = inspect([other.tokenRequests, other.authorizations], { depth: 5 });
        for (const secret of test.as.secrets) assert.ok(!seen.includes(secret));
        const [first, second] = [test.as.authorizations[0], other.authorizations[0]];
        assert.notEqual(first?.get('client_id'), second?.get('client_id'));
      } finally {
        await other.close();
      }
    });

    it('get no secret that was configured for another one', async () => {
      const other = await startAuthorizationServer({ clients: { gateway: 'configured-secret' } });
      try {
        const moved: { to?: string } = {};
        const { as, backend } = await protectedBackend({
          as: { clients: { gateway: 'configured-secret' } },
          oauth: { grant: 'client_credentials', clientId: 'gateway', clientSecret: 'configured-secret' },
          guard: { issuers: () => [moved.to ?? as.issuer] },
        });
        await repliesOf(backend, echo());
        as.revokeAccess();
        moved.to = other.issuer;
        await assert.rejects(repliesOf(backend, echo()), isRefusal(/another authorization server/));
        assert.deepEqual(other.tokenRequests, []);
      } finally {
        await other.close();
      }
    });

    it('see nothing of a client that is configured in place of theirs', async () => {
      const test = await protectedBackend({
        as: { lifetime: 60, clients: { old: 'old-secret' } },
        oauth: { clientId: 'old', clientSecret: 'old-secret' },
      });
      await repliesOf(test.backend, echo());
      test.pass(70_000);
      const oauth = { clientId: 'new', clientSecret: 'new-secret', issuer: 'https://elsewhere.example' };
      await assert.rejects(
        repliesOf(test.connect({ oauth }), echo()),
        isRefusal(/another authorization server/),
      );
      assert.equal(test.as.tokenRequests.length, 1);
    });

    it('are told apart from others by the configuration', async () => {
      const { as, backend } = await protectedBackend({ oauth: { issuer: 'https://elsewhere.example' } });
      await assert.rejects(repliesOf(backend, echo()), isRefusal(/another authorization server/));
      assert.deepEqual(as.requests, []);
    });
  });

  it('takes tokens of the gateway itself, without anybody and without a file', async () => {
    const memory = memoryGrants();
    const written: GrantRecord[] = [];
    const write: GrantStore['write'] = (key, record) => {
      written.push(record);
      return memory.write(key, record);
    };
    const { as, backend, guard, pass } = await protectedBackend({
      grants: { read: memory.read, write },
      as: { lifetime: 60, clients: { gateway: 'a secret: with %&+ in it' } },
      oauth: { grant: 'client_credentials', clientId: 'gateway', clientSecret: 'a secret: with %&+ in it' },
      consent: null,
    });
    assert.equal(textOf((await repliesOf(backend, echo(1)))[0]), '{"n":1}');
    pass(70_000);
    as.revokeAccess();
    assert.equal(textOf((await repliesOf(backend, echo(2)))[0]), '{"n":2}');
    assert.deepEqual(
      as.tokenRequests.map((body) => [body.get('grant_type'), body.get('resource')]),
      [
        ['client_credentials', guard.url],
        ['client_credentials', guard.url],
      ],
    );
    assert.deepEqual(written, [{ clients: {}, bound: { clientId: 'gateway', issuer: as.issuer } }]);
  });

  it('lets no token, code or secret into log or error', async () => {
    const test = await protectedBackend({ as: { lifetime: 60 } });
    const { as, backend } = test;
    await repliesOf(backend, echo());
    test.pass(70_000);
    await repliesOf(backend, echo());
    as.revokeAccess();
    as.revokeRefresh();
    const broken = await protectedBackend({ as: { callback: { iss: 'https://evil.example' } } });
    const told = await repliesOf(broken.backend, echo()).catch((error: unknown) => error);
    const refused = await protectedBackend({
      as: { clients: { gateway: 'right-secret' } },
      oauth: { grant: 'client_credentials', clientId: 'gateway', clientSecret: 'wrong-secret' },
    });
    const denied = await repliesOf(refused.backend, echo()).catch((error: unknown) => error);
    assert.ok(isRefusal('A token was refused (invalid_client)')(denied));
    const text = [
      test.logged,
      broken.logged,
      refused.logged,
      inspect([told, denied], { depth: 10, showHidden: true }),
    ].join('\n');
    assert.match(text, /Got a token/);
    const secrets = [...as.secrets, ...broken.as.secrets, ...refused.as.secrets, 'wrong-secret'];
    assert.ok(secrets.length > 5);
    for (const secret of secrets) assert.ok(!text.includes(secret), `${secret} in\n${text}`);
  });

  it('fails whoever waits when its backend is closed', async () => {
    const { as, backend } = await protectedBackend();
    as.hold();
    const call = repliesOf(backend, echo());
    await assert.rejects(Promise.all([call, backend.close(0)]), { code: 'ERR_UPSTREAM_UNREACHABLE' });
  });
});
