import { isIP } from 'node:net';
import { headerOf } from '../protocol/classify.js';
import type { Origin } from './exchange.js';
import { networkTest } from './networkTest.js';

/** The address of whoever sent a message; undefined where there is none, as on a pipe. */
export type ClientAddress = (origin: Pick<Origin, 'address' | 'headers'>) => string | undefined;

/**
 * Finds the addresses of clients behind proxies.
 *
 * > A proxy that is trusted says in `X-Forwarded-For` who has come to it. What stands there before the last one that nobody
 * > trusted vouches for is the word of a stranger, and not listened to.
 *
 * @param trusted addresses, or networks as `10.0.0.0/8`, of proxies whose word counts
 */
export const clientAddress = (trusted: readonly string[]): ClientAddress => {
  if (trusted.length === 0) return ({ address }) => address;
  const isTrusted = networkTest(trusted);
  return ({ address, headers }) => {
    if (address === undefined) return undefined;
    let client = plain(address);
    const hops = (headerOf(headers, 'x-forwarded-for') ?? '').split(',');
    while (isTrusted(client)) {
      const next = plain(hops.pop() ?? '');
      if (isIP(next) === 0) break;
      client = next;
    }
    return client;
  };
};

/** An address without brackets, port and zone; one of IPv4 without the dress that sockets for both families give it. */
const plain = (text: string): string => {
  const bare = text.trim();
  const address = /^\[([^\]]+)\](?::\d+)?$/.exec(bare)?.[1] ?? /^([\d.]+):\d+$/.exec(bare)?.[1] ?? bare;
  return (address.split('%')[0] ?? '').replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '');
};
