import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { guard, type GuardOptions } from '../../../src/sources/http/guard.js';

const passes = (
  host: string | undefined,
  origin: string | undefined,
  options: Partial<GuardOptions> = {},
): boolean => {
  const headers = Object.fromEntries(
    Object.entries({ host, origin }).filter(([, value]) => value !== undefined),
  );
  const request = { headers, rawHeaders: Object.entries(headers).flat() } as unknown as IncomingMessage;
  try {
    guard(request, { allowedHosts: [], allowedOrigins: [], ...options });
    return true;
  } catch (error) {
    assert.equal((error as { code?: unknown }).code, 'ERR_ORIGIN_FORBIDDEN');
    return false;
  }
};

describe('sources/http/guard', () => {
  const hosts: [string | undefined, readonly string[], boolean][] = [
    ['localhost', [], true],
    ['LOCALHOST:8080', [], true],
    ['127.0.0.1:8080', [], true],
    ['[::1]:8080', [], true],
    ['[::1]', [], true],
    [undefined, [], false],
    ['', [], false],
    ['evil.example', [], false],
    ['localhost.evil.example', [], false],
    ['127.0.0.1.evil.example', [], false],
    ['localhost:80:80', [], false],
    ['localhost@evil.example', [], false],
    ['gw.example', ['gw.example'], true],
    ['gw.example:443', ['gw.example'], true],
    ['GW.example', ['gw.example'], true],
    ['gw.example', ['GW.Example'], true],
    ['other.example', ['gw.example'], false],
    ['[fe80::1]:8080', ['fe80::1'], true],
    ['[FE80::1]', ['[fe80::1]'], true],
    ['anything', ['*'], true],
  ];
  for (const [host, allowedHosts, expected] of hosts)
    it(`host ${String(host)} ${allowedHosts.length > 0 ? `with ${allowedHosts.join()} ` : ''}${expected ? 'passes' : 'does not'}`, () =>
      assert.equal(passes(host, undefined, { allowedHosts }), expected));

  const origins: [string, readonly string[], boolean][] = [
    ['http://localhost', [], true],
    ['http://localhost:6274', [], true],
    ['https://127.0.0.1:1', [], true],
    ['http://[::1]:1', [], true],
    ['null', [], false],
    ['', [], false],
    ['file://', [], false],
    ['http://evil.example', [], false],
    ['http://localhost.evil.example', [], false],
    ['http://localhost@evil.example', [], false],
    ['https://app.example', ['https://app.example'], true],
    ['http://app.example', ['https://app.example'], false],
    ['https://app.example:8443', ['https://app.example'], false],
    ['https://evil.example', ['*'], true],
  ];
  for (const [origin, allowedOrigins, expected] of origins)
    it(`origin ${origin || '(empty)'} ${allowedOrigins.length > 0 ? `with ${allowedOrigins.join()} ` : ''}${expected ? 'passes' : 'does not'}`, () =>
      assert.equal(passes('localhost', origin, { allowedOrigins }), expected));
});
