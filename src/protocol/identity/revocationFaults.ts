import { readAuthorities } from './readAuthorities.js';
import { readRevocationLists, type RevocationList } from './readRevocationLists.js';

/** Why no certificate of an authority can be accepted: nobody can say which of them are revoked. */
export interface RevocationFault {
  readonly kind: 'outdated' | 'early' | 'missing';
  /** What an operator is told. */
  readonly message: string;
}

/**
 * What is wrong with revocation lists: OpenSSL wants one of each authority, whose time has come and is not over.
 *
 * @param ca the authorities, in PEM
 * @param crl their lists, in PEM
 * @param now epoch milliseconds
 */
export const revocationFaults = (ca: string, crl: string, now: number): readonly RevocationFault[] => {
  const lists = readRevocationLists(crl);
  const names = new Map<string, string>();
  // Lists may be of authorities that clients show on their way to those of `ca`.
  for (const name of [...readAuthorities(ca).map(({ name }) => name), ...lists.map(({ issuer }) => issuer)])
    names.set(comparable(name), name);
  return [...names].flatMap(([key, name]) =>
    faultOf(
      name,
      lists.filter(({ issuer }) => comparable(issuer) === key),
      now,
    ),
  );
};

const faultOf = (name: string, lists: readonly RevocationList[], now: number): RevocationFault[] => {
  if (lists.some(({ from, until }) => from <= now && now < until)) return [];
  const fault = (kind: RevocationFault['kind'], what: string): RevocationFault[] => [
    { kind, message: `${what}: no client certificate of it is accepted` },
  ];
  const until = Math.max(...lists.map((list) => list.until));
  if (lists.length === 0) return fault('missing', `\`auth.mtls.crl\` has no revocation list of \`${name}\``);
  const which = `The revocation list of \`${name}\` in \`auth.mtls.crl\``;
  if (until <= now) return fault('outdated', `${which} has run out at ${new Date(until).toISOString()}`);
  const from = Math.min(...lists.map((list) => list.from).filter((time) => time > now));
  return fault('early', `${which} says nothing before ${new Date(from).toISOString()}`);
};

/** Case and the number of spaces make no difference (RFC 5280, 7.1). */
const comparable = (name: string): string => name.toLowerCase().replaceAll(/\s+/g, ' ').trim();
