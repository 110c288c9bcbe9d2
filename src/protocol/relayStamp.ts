import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import type { ClientCertificate } from './identity/clientCertificate.js';
import type { Secrets } from './sealer.js';

/** The header that a request has which comes from another instance of the gateway. */
export const relayedHeader = 'sluice-relayed';

/** Whose request it is, as the instance knows that has its connection. */
export interface RelayedClient {
  readonly address: string | undefined;
  /** The one it has shown in the handshake. */
  readonly certificate: ClientCertificate | undefined;
}

/** What an instance says of a request that it relays. */
export interface Relayed extends RelayedClient {
  /** The instance that relays. */
  readonly from: string;
  /** The one that it relays to. */
  readonly to: string;
}

/** The request that a stamp is for; it is worth nothing on another one. */
export interface Stamped {
  readonly method: string;
  readonly url: string;
  readonly sessionId: string;
}

/** Makes and checks the value of {@link relayedHeader}. */
export interface RelayStamps {
  make(relayed: Relayed, request: Stamped): string;
  /** What the stamp says; undefined for one that no instance with our secrets made for this request within the last minute. */
  check(stamp: string, request: Stamped): Relayed | undefined;
}

/** How far the clocks of two instances may be apart, with the time a request takes to pass, in milliseconds. */
const maxAgeMs = 60_000;

/**
 * Proofs that a request was relayed by one of us: HMAC-SHA256 with a key derived from the shared secrets, over the request, the time and
 * what is known of the client. Whoever holds one can't do more with it than repeat that request from elsewhere, for a minute.
 *
 * @param secrets the newest first: it makes stamps, all check
 * @param now milliseconds since the epoch
 */
export const relayStamps = (secrets: Secrets, now: () => number): RelayStamps => {
  const keys = secrets.map((secret) => Buffer.from(hkdfSync('sha256', secret, '', 'sluice relay', 32)));
  const [newest] = keys;
  if (newest === undefined) throw new TypeError('relayStamps: at least one secret');
  return {
    make({ from, to, ...client }, request) {
      const said = [from, to, now().toString(36), written(client)].join('.');
      return `${said}.${mac(newest, said, request).toString('base64url')}`;
    },
    check(stamp, request) {
      const end = stamp.lastIndexOf('.');
      const said = stamp.slice(0, Math.max(end, 0));
      const [from, to, at, client, ...more] = said.split('.');
      if (from === undefined || to === undefined || at === undefined || client === undefined)
        return undefined;
      if (more.length > 0) return undefined;
      // Written so that a time that is no number is refused too.
      if (!(Math.abs(now() - parseInt(at, 36)) <= maxAgeMs)) return undefined;
      const given = Buffer.from(stamp.slice(end + 1), 'base64url');
      const isOurs = keys.some((key) => {
        const expected = mac(key, said, request);
        return given.length === expected.length && timingSafeEqual(given, expected);
      });
      return isOurs ? { from, to, ...read(client) } : undefined;
    },
  };
};

const written = ({ address, certificate }: RelayedClient): string =>
  Buffer.from(JSON.stringify({ address, certificate })).toString('base64url');

/** Only what one of us has written, which the stamp has proved. */
const read = (text: string): RelayedClient => {
  const { address, certificate } = JSON.parse(Buffer.from(text, 'base64url').toString()) as RelayedClient;
  return { address, certificate };
};

const mac = (key: Buffer, said: string, { method, url, sessionId }: Stamped): Buffer =>
  createHmac('sha256', key).update([said, method, url, sessionId].join('\n')).digest();
