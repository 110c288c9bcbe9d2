import assert from 'node:assert/strict';
import type { LookupAddress } from 'node:dns';
import { addressPolicy } from '../../../src/sources/oauth/addressPolicy.js';
import { isRefusal } from './isRefusal.js';

const policy = (server: string, ...allowedHosts: string[]) =>
  addressPolicy({ server: new URL(server), allowedHosts });

describe('oauth/addressPolicy', () => {
  const remote = 'https://mcp.example/mcp';
  const local = 'http://127.0.0.1:9000/mcp';
  const inside = 'https://10.0.0.7/mcp';

  const allowed: readonly (readonly [string, string, ...string[]])[] = [
    ['https://login.example/x', remote],
    ['https://8.8.8.8/', remote],
    ['http://localhost:8080/realms/x', local],
    ['http://[::1]:8080/', local],
    ['https://10.0.0.1/', local],
    ['https://10.9.9.9/', inside],
    ['https://10.0.0.7:8443/', inside],
    ['https://192.168.0.1/', remote, '192.168.0.1'],
    ['http://keycloak:8080/', remote, 'Keycloak'],
    ['http://mcp.internal/authorize', 'http://mcp.internal/mcp'],
  ];
  for (const [url, server, ...hosts] of allowed)
    it(`lets ${url} be used for ${server} ${hosts.join()}`, () =>
      assert.equal(policy(server, ...hosts).check(url, 'It').href, url));

  const refused: readonly (readonly [unknown, string])[] = [
    ['http://login.example/', remote],
    ['http://127.0.0.1:8080/', remote],
    ['https://127.0.0.1/', remote],
    ['https://2130706433/', remote],
    ['https://[::ffff:127.0.0.1]/', remote],
    ['https://169.254.169.254/latest/meta-data', remote],
    ['https://169.254.169.254/latest/meta-data', local],
    ['https://10.0.0.1/', remote],
    ['https://127.0.0.1/', inside],
    ['http://10.0.0.8/', inside],
    ['http://mcp.example/authorize', remote],
    ['https://user:password@login.example/', remote],
    ['javascript:alert(1)', remote],
    ['file:///etc/passwd', local],
    ['no url', remote],
    [7, remote],
  ];
  for (const [url, server] of refused)
    it(`refuses ${String(url)} for ${server}`, () =>
      assert.throws(() => policy(server).check(url, 'It'), isRefusal(/^It (is|carries|leads)/)));

  const look = (server: string, host: string, ...hosts: string[]) =>
    new Promise<string>((resolve) => {
      policy(server, ...hosts).lookup(host, { all: true }, (error, found) =>
        resolve(error?.code ?? (found as LookupAddress[]).map(({ address }) => address).join()),
      );
    });

  it('connects a name to no address that it would not go to itself', async () => {
    assert.equal(await look(remote, 'localhost'), 'ERR_ADDRESS');
    assert.equal(await look(inside, 'localhost'), 'ERR_ADDRESS');
    assert.match(await look(local, 'localhost'), /127\.0\.0\.1|::1/);
    assert.match(await look(remote, 'localhost', 'localhost'), /127\.0\.0\.1|::1/);
    assert.match(await look('https://localhost/mcp', 'localhost'), /127\.0\.0\.1|::1/);
  });

  it('gives one address to who asks for one', async () => {
    const [address, family] = await new Promise<readonly unknown[]>((resolve) => {
      policy(local).lookup('localhost', { family: 4 }, (_error, found, kind) => resolve([found, kind]));
    });
    assert.deepEqual([address, family], ['127.0.0.1', 4]);
  });
});
