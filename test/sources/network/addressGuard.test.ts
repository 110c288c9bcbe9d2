import assert from 'node:assert/strict';
import type { LookupAddress } from 'node:dns';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { lastValueFrom, toArray } from 'rxjs';
import { Pool } from 'undici';
import type { NetworkSettings } from '../../../src/config/networkSettings.js';
import { toNetwork } from '../../../src/config/toNetwork.js';
import { fromUnknown } from '../../../src/protocol/errors.js';
import { connectTo } from '../../../src/sources/backends/connectTo.js';
import { fromDispatch } from '../../../src/sources/fromDispatch.js';
import { httpProbe } from '../../../src/sources/health/httpProbe.js';
import { tcpProbe } from '../../../src/sources/health/tcpProbe.js';
import { addressGuard, type AddressGuardOptions } from '../../../src/sources/network/addressGuard.js';
import { alwaysOpen } from '../../../src/streams/valve.js';

/** A name server that knows these names, and what addresses are. */
const names =
  (zone: Readonly<Record<string, readonly string[]>>): NonNullable<AddressGuardOptions['resolve']> =>
  (host, _options, done) =>
    done(
      null,
      (zone[host] ?? [host]).map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );

interface Case {
  readonly host: string;
  /** Undefined for the configuration. */
  readonly by?: string;
  readonly to?: readonly string[];
  readonly vouched?: readonly string[];
  readonly rules?: Partial<NetworkSettings>;
}

const zone = {
  localhost: ['127.0.0.1'],
  'inside.test': ['10.0.0.9'],
  'agent.test': ['192.168.1.1'],
  'out.test': ['8.8.4.4'],
};

const led = ({ host, by, to = [host], vouched = [], rules = {} }: Case): Promise<string> =>
  new Promise((resolve) => {
    addressGuard({
      namedBy: by === undefined ? undefined : new URL(by),
      vouched,
      rules: () => ({ ...toNetwork(), ...rules }),
      resolve: names({ ...zone, [host]: to }),
    }).lookup(host, { all: true }, (error, found) =>
      resolve(error?.code ?? (found as LookupAddress[]).map(({ address }) => address).join()),
    );
  });

const refused = 'ERR_ADDRESS';

describe('network/addressGuard', () => {
  const cases: readonly (readonly [string, Case, string])[] = [
    ['the configuration goes to public addresses', { host: 'a.test', to: ['8.8.8.8'] }, '8.8.8.8'],
    ['… to private ones', { host: 'a.test', to: ['10.0.0.1'] }, '10.0.0.1'],
    ['… to loopback', { host: '127.0.0.1' }, '127.0.0.1'],
    ['… not to the metadata of a cloud by a name', { host: 'a.test', to: ['169.254.169.254'] }, refused],
    ['… nor by IPv6', { host: 'a.test', to: ['fd00:ec2::254'] }, refused],
    ['… nor by IPv4 in IPv6', { host: 'a.test', to: ['::ffff:a9fe:a9fe'] }, refused],
    ['… but letter by letter', { host: '169.254.169.254', vouched: ['169.254.169.254'] }, '169.254.169.254'],
    [
      '… not where a name of it is vouched for',
      { host: 'a.test', to: ['169.254.169.254'], vouched: ['a.test'] },
      refused,
    ],
    [
      '… not to what is denied',
      { host: 'a.test', to: ['10.1.2.3'], rules: { denied: ['10.0.0.0/8'] } },
      refused,
    ],
    [
      '… nor by the name',
      { host: 'x.evil.test', to: ['8.8.8.8'], rules: { denied: ['*.evil.test'] } },
      refused,
    ],
    [
      '… but to what is beside it',
      { host: 'evil.test', to: ['8.8.8.8'], rules: { denied: ['*.evil.test'] } },
      '8.8.8.8',
    ],
    [
      '… denied goes before allowed',
      { host: '10.0.0.1', rules: { denied: ['10.0.0.0/8'], allowed: ['10.0.0.1'] } },
      refused,
    ],

    ['a public registry names public addresses', { host: '8.8.8.8', by: 'https://out.test' }, '8.8.8.8'],
    ['… no private ones', { host: '10.0.0.1', by: 'https://out.test' }, refused],
    ['… nor by a name', { host: 'a.test', to: ['10.0.0.1'], by: 'https://8.8.8.8' }, refused],
    ['… no loopback', { host: '::1', by: 'https://out.test' }, refused],
    ['… no IPv4 in IPv6', { host: '::ffff:10.0.0.1', by: 'https://out.test' }, refused],
    [
      '… only the public one of several',
      { host: 'a.test', to: ['10.0.0.1', '8.8.8.8'], by: 'https://out.test' },
      '8.8.8.8',
    ],
    [
      'one in a private network names private addresses',
      { host: '10.9.9.9', by: 'http://agent.test' },
      '10.9.9.9',
    ],
    ['… no loopback', { host: '127.0.0.1', by: 'http://agent.test' }, refused],
    ['… no link-local ones', { host: '169.254.1.1', by: 'http://agent.test' }, refused],
    ['… no metadata', { host: '100.100.100.200', by: 'http://agent.test' }, refused],
    ['one on loopback names loopback', { host: '127.0.0.1', by: 'http://localhost:8500' }, '127.0.0.1'],
    ['… private addresses', { host: '10.9.9.9', by: 'http://[::1]:8500' }, '10.9.9.9'],
    ['… no metadata', { host: '169.254.169.254', by: 'http://[::1]:8500' }, refused],

    [
      '`private: deny` keeps all of them out',
      { host: '10.9.9.9', by: 'http://localhost', rules: { private: 'deny' } },
      refused,
    ],
    [
      '… but those that are allowed',
      { host: '10.9.9.9', by: 'http://localhost', rules: { private: 'deny', allowed: ['10.9.0.0/16'] } },
      '10.9.9.9',
    ],
    [
      '… or whose name is',
      {
        host: 'inside.test',
        to: ['10.0.0.9'],
        by: 'https://out.test',
        rules: { private: 'deny', allowed: ['Inside.test'] },
      },
      '10.0.0.9',
    ],
    [
      '`private: allow` lets anybody name them',
      { host: '10.9.9.9', by: 'https://out.test', rules: { private: 'allow' } },
      '10.9.9.9',
    ],
    [
      '… but metadata only where it is allowed by address',
      { host: '169.254.169.254', by: 'https://out.test', rules: { private: 'allow' } },
      refused,
    ],
    [
      '… where it is',
      { host: '169.254.169.254', by: 'https://out.test', rules: { allowed: ['169.254.169.254'] } },
      '169.254.169.254',
    ],
  ];
  for (const [title, given, expected] of cases)
    it(`${title} (${given.host} → ${expected})`, async () => assert.equal(await led(given), expected));

  describe('on a socket', () => {
    let server: Server;
    let port: number;
    let reached = 0;
    beforeEach(async () => {
      reached = 0;
      server = createServer((_request, response) => {
        reached++;
        response.writeHead(200, { connection: 'close' }).end('inside');
      });
      await once(server.listen(0, '127.0.0.1'), 'listening');
      port = (server.address() as AddressInfo).port;
    });
    afterEach(() => {
      server.close();
      server.closeAllConnections();
    });

    const verdict = (work: Promise<unknown>): Promise<string> =>
      work.then(
        () => 'reached',
        (error: unknown) => fromUnknown(error).message,
      );
    const get = (pool: Pool) =>
      verdict(lastValueFrom(fromDispatch(pool, { path: '/', method: 'GET' }, alwaysOpen).pipe(toArray())));
    const away = 'The backend is in a network where it may not be (see `network`)';

    it('connects to what was checked: a name that leads elsewhere for the second connection is refused', async () => {
      const answers = [['127.0.0.1'], ['169.254.169.254']];
      const guard = addressGuard({
        namedBy: new URL('http://localhost:8500'),
        vouched: [],
        rules: () => toNetwork(),
        resolve: (host, options, done) =>
          names({ 'turning.test': answers.shift() ?? [], localhost: ['127.0.0.1'] })(host, options, done),
      });
      const pool = new Pool(`http://turning.test:${port}`, {
        connections: 1,
        connect: connectTo(1000, { guard }),
      });
      assert.equal(await get(pool), 'reached');
      assert.equal(await get(pool), away);
      assert.equal(reached, 1);
      await pool.close();
    });

    it('looks at addresses too, which nobody has to resolve', async () => {
      const guard = addressGuard({
        namedBy: new URL('https://8.8.8.8'),
        vouched: [],
        rules: () => toNetwork(),
      });
      for (const host of ['127.0.0.1', '[::ffff:127.0.0.1]', '2130706433', '0x7f.1', '017700000001']) {
        const pool = new Pool(`http://${host}:${port}`, { connect: connectTo(1000, { guard }) });
        assert.equal(await get(pool), away, host);
        await pool.close();
      }
      assert.equal(reached, 0);
    });

    it('keeps health checks from going there', async () => {
      const guard = addressGuard({
        namedBy: new URL('https://8.8.8.8'),
        vouched: [],
        rules: () => toNetwork(),
      });
      const url = `http://127.0.0.1:${port}/`;
      assert.equal(await verdict(lastValueFrom(httpProbe({ url, guard }, '/', {}))), away);
      assert.match(await verdict(lastValueFrom(tcpProbe({ url, guard }))), /can not be reached/);
      assert.equal(reached, 0);
    });
  });
});
