import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { lastValueFrom } from 'rxjs';
import { addressPolicy } from '../../../src/sources/oauth/addressPolicy.js';
import { chooseScopes } from '../../../src/sources/oauth/chooseScopes.js';
import { issuerMetadata } from '../../../src/sources/oauth/issuerMetadata.js';
import { oauthHttp } from '../../../src/sources/oauth/oauthHttp.js';
import { protectedResource } from '../../../src/sources/oauth/protectedResource.js';
import { backendCall, repliesOf, textOf } from '../../backends/mcp/backendCall.js';
import { isRefusal } from './isRefusal.js';
import { closeAll, protectedBackend, type ProtectedBackendOptions } from './protectedBackend.js';

/** A server of documents: path → document, status or how to answer. */
type Documents = Readonly<Record<string, object | number | RequestListener>>;

describe('oauth discovery', () => {
  let closers: (() => void)[] = [];
  afterEach(() => {
    for (const close of closers) close();
    closers = [];
  });

  const serve = async (documents: (origin: string) => Documents) => {
    const asked: string[] = [];
    let known: Documents = {};
    const server = createServer((request, response) => {
      const path = request.url ?? '';
      asked.push(path);
      const answer = known[path] ?? 404;
      if (typeof answer === 'function') answer(request, response);
      else if (typeof answer === 'number') response.writeHead(answer, { location: '/elsewhere' }).end();
      else response.writeHead(200).end(JSON.stringify(answer));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    known = documents(origin);
    const http = oauthHttp(addressPolicy({ server: new URL(origin), allowedHosts: [] }));
    closers.push(() => {
      http.close();
      server.close();
      server.closeAllConnections();
    });
    return { origin, http, asked };
  };

  describe('of the protected resource', () => {
    const wellKnown = '/.well-known/oauth-protected-resource';
    const find = async (documents: (origin: string) => Documents, path = '/a/mcp', named?: string) => {
      const { origin, http, asked } = await serve(documents);
      const server = new URL(path, origin);
      const url = named === undefined ? undefined : `${origin}${named}`;
      const found = await lastValueFrom(protectedResource(http, server, url));
      return { found, origin, asked };
    };
    const about = (resource: string) => ({ resource, authorization_servers: ['https://as.example'] });

    it('begins with the place that the challenge names', async () => {
      const { found, origin, asked } = await find(
        (origin) => ({ '/x': about(`${origin}/a/mcp`) }),
        '/a/mcp',
        '/x',
      );
      assert.deepEqual(found, {
        resource: `${origin}/a/mcp`,
        issuers: ['https://as.example'],
        scopes: undefined,
        documented: true,
      });
      assert.deepEqual(asked, ['/x']);
    });

    it('goes on with the well-known places: with the path, then without', async () => {
      const { found, origin, asked } = await find(
        (origin) => ({ [wellKnown]: about(origin) }),
        '/a/mcp',
        '/x',
      );
      assert.equal(found.resource, origin, 'as published, without a slash added');
      assert.deepEqual(asked, ['/x', `${wellKnown}/a/mcp`, wellKnown]);
    });

    it('takes a server without such a document for one of 2025-03-26', async () => {
      const { found, origin } = await find(() => ({ [`${wellKnown}/a/mcp`]: 301 }));
      assert.deepEqual(found, {
        resource: `${origin}/a/mcp`,
        issuers: [origin],
        scopes: undefined,
        documented: false,
      });
    });

    it('does not guess while a server is broken', () =>
      assert.rejects(
        find(() => ({ [`${wellKnown}/a/mcp`]: 503 })),
        isRefusal('The metadata of the protected resource answered with HTTP status 503'),
      ));

    for (const [what, resource] of [
      ['another origin', () => 'https://evil.example/a/mcp'],
      ['a sibling', (origin: string) => `${origin}/a/mc`],
      ['something below it', (origin: string) => `${origin}/a/mcp/more`],
      ['no URL', () => 'a'],
    ] as const)
      it(`refuses a document about ${what}`, () =>
        assert.rejects(
          find((origin) => ({ [wellKnown]: about(resource(origin)) })),
          isRefusal('The metadata of the protected resource is about another resource than this server'),
        ));

    it('refuses a document without authorization servers', () =>
      assert.rejects(
        find((origin) => ({ [wellKnown]: { resource: origin, authorization_servers: [] } })),
        isRefusal(/names no authorization server/),
      ));

    it('reads no more than it has to', () =>
      assert.rejects(
        find(() => ({ [wellKnown]: (_request, response) => void response.end('x'.repeat(300_000)) })),
        isRefusal('The metadata of the protected resource answered with more than 256 KiB'),
      ));
  });

  it('connects to no address that a name hides', async () => {
    const policy = addressPolicy({ server: new URL('https://mcp.example/mcp'), allowedHosts: [] });
    const http = oauthHttp(policy);
    closers.push(() => http.close());
    await assert.rejects(
      lastValueFrom(http.document('https://localhost:9/x', 'It')),
      isRefusal('It leads into a network where it may not: see `allowed_hosts`'),
    );
  });

  describe('of the authorization server', () => {
    const oauth = '/.well-known/oauth-authorization-server';
    const openid = '/.well-known/openid-configuration';
    const find = async (path: string, documents: (origin: string) => Documents, documented = true) => {
      const { origin, http, asked } = await serve(documents);
      const found = await lastValueFrom(issuerMetadata(http, `${origin}${path}`, documented));
      return { found, origin, asked };
    };

    for (const [path, places] of [
      ['', [oauth, openid]],
      ['/tenant', [`${oauth}/tenant`, `${openid}/tenant`, `/tenant${openid}`]],
    ] as const)
      it(`looks for that of ${path === '' ? 'an issuer' : 'an issuer with a path'} in the right order`, async () => {
        const last = places.at(-1) as string;
        const { found, origin, asked } = await find(path, (origin) => ({
          [last]: {
            issuer: `${origin}${path}`,
            token_endpoint: 'https://x.example/t',
            scopes_supported: ['a'],
          },
        }));
        assert.deepEqual(asked, places);
        assert.deepEqual(found, {
          issuer: `${origin}${path}`,
          token_endpoint: 'https://x.example/t',
          scopes_supported: ['a'],
        });
      });

    it('refuses the document of another issuer, even one that only a slash tells apart', () =>
      assert.rejects(
        find('', (origin) => ({ [oauth]: { issuer: `${origin}/` } })),
        isRefusal(/is that of another issuer/),
      ));

    it('guesses nothing for servers that have a document about themselves', () =>
      assert.rejects(
        find('', () => ({})),
        isRefusal('The metadata of the authorization server can not be found'),
      ));

    it('guesses the endpoints of servers of 2025-03-26', async () => {
      const { found, origin, asked } = await find('', () => ({}), false);
      assert.deepEqual(asked, [oauth]);
      assert.equal(found.authorization_endpoint, `${origin}/authorize`);
      assert.equal(found.token_endpoint, `${origin}/token`);
      assert.equal(found.registration_endpoint, `${origin}/register`);
    });
  });

  describe('in front of a real server', () => {
    afterEach(closeAll);
    const works = async (options: ProtectedBackendOptions) => {
      const test = await protectedBackend(options);
      const [reply] = await repliesOf(test.backend, backendCall('echo'));
      assert.equal(textOf(reply), '{}');
      return test;
    };
    const fails = async (options: ProtectedBackendOptions, message: string | RegExp) => {
      const test = await protectedBackend(options);
      await assert.rejects(repliesOf(test.backend, backendCall('echo')), isRefusal(message));
      return test;
    };

    it('finds everything without a word in the challenge', () =>
      works({
        guard: { names: false },
        as: { path: '/tenant', metadataAt: `/tenant/.well-known/openid-configuration` },
      }));

    it('follows no challenge into a network where it may not go', async () => {
      const { as } = await fails(
        { guard: { misleads: 'http://169.254.169.254/latest/meta-data' } },
        'The metadata of the protected resource is not https, and not used',
      );
      assert.deepEqual(as.requests, []);
    });

    it('uses no authorization server without PKCE', async () => {
      const { as } = await fails(
        { as: { metadata: { code_challenge_methods_supported: undefined } } },
        'The authorization server does not support PKCE with S256',
      );
      assert.deepEqual(as.authorizations, []);
    });

    it('shows nobody an endpoint that no browser should open', () =>
      fails(
        { as: { metadata: { authorization_endpoint: 'javascript:alert(1)' } } },
        'The authorization endpoint is not https, and not used',
      ));

    it('sends no code to an endpoint in clear text', () =>
      fails(
        { as: { metadata: { token_endpoint: 'http://as.example/token' } } },
        'The token endpoint is not https, and not used',
      ));

    it('refuses a registration that is no JSON, and says so', () =>
      fails({ as: { registration: 'welcome' } }, 'The registration endpoint did not answer in JSON'));

    it('sends no code away when the browser brings another state', async () => {
      const { as } = await fails(
        { as: { callback: { state: 'other' } } },
        /^The authorization was not answered/,
      );
      assert.deepEqual(as.tokenRequests, []);
    });

    it('says which error the browser brought', async () => {
      const denied = { code: null, error: 'access_denied' };
      const { as } = await fails(
        { as: { callback: denied } },
        'The authorization was refused (access_denied)',
      );
      assert.deepEqual(as.tokenRequests, []);
    });

    it('says that it needs a client where it can not register itself', () =>
      fails(
        { as: { metadata: { registration_endpoint: undefined } } },
        /a `client_id` has to be configured/,
      ));

    it('names its document where that is understood, and registers nowhere', async () => {
      const document = 'https://gateway.example/client.json';
      const { as } = await works({
        as: { metadata: { client_id_metadata_document_supported: true } },
        oauth: { clientMetadataUrl: document },
      });
      assert.equal(as.authorizations[0]?.get('client_id'), document);
      assert.ok(!as.requests.includes('POST /register'));
    });

    it('wants no ID token, and does not mind one', () => works({ as: { extras: { id_token: 'a.b.c' } } }));

    it('refuses a token that is bound to a key it does not have', () =>
      fails({ as: { extras: { token_type: 'DPoP' } } }, /a token that is no bearer token/));

    it('refuses a token that would break out of its header', () =>
      fails({ as: { extras: { access_token: 'a\r\nx: y' } } }, /a token that can not be sent/));

    it('refuses an empty token', () =>
      fails({ as: { extras: { access_token: '' } } }, /^The token endpoint gave an empty token$/));

    for (const type of ['text/html', 'application/jsonp', 'text/json'])
      it(`refuses a token that is called ${type}`, () =>
        fails(
          { as: { contentType: type } },
          /^The token endpoint answered with another Content-Type than application\/json$/,
        ));

    it('reads no more of an answer with a token than it has to', () =>
      fails(
        { as: { extras: { padding: 'x'.repeat(300_000) } } },
        /^The token endpoint answered with more than 256 KiB$/,
      ));

    it('asks for a refresh token where the authorization server has such a scope', async () => {
      const { as } = await works({
        as: { metadata: { scopes_supported: ['a', 'offline_access'] } },
        guard: { metadata: { scopes_supported: ['a'] } },
      });
      assert.equal(as.authorizations[0]?.get('scope'), 'a offline_access');
    });
  });

  describe('scopes', () => {
    const none = { configured: undefined, challenged: undefined, supported: undefined, earlier: [] };
    const knowing = { issuer: { scopes_supported: ['offline_access'] }, refreshes: true };
    const plain = { issuer: {}, refreshes: true };
    it('are those of the challenge', () =>
      assert.deepEqual(chooseScopes({ ...none, ...plain, challenged: ['a'], supported: ['b'] }), ['a']));
    it('are else all of the resource', () =>
      assert.deepEqual(chooseScopes({ ...none, ...plain, supported: ['b', 'c'] }), ['b', 'c']));
    it('are else none', () => assert.deepEqual(chooseScopes({ ...none, ...plain }), []));
    it('keep those of before', () =>
      assert.deepEqual(chooseScopes({ ...none, ...plain, challenged: ['a', 'b'], earlier: ['b', 'c'] }), [
        'b',
        'c',
        'a',
      ]));
    it('are nothing but the configured ones', () =>
      assert.deepEqual(chooseScopes({ ...none, ...knowing, configured: ['z'], challenged: ['a'] }), ['z']));
    it('have no offline_access for a gateway that is its own client', () =>
      assert.deepEqual(chooseScopes({ ...none, ...knowing, refreshes: false, challenged: ['a'] }), ['a']));
  });
});
