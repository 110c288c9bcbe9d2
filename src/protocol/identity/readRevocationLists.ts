import { derChildren } from './derChildren.js';
import { derValue, type DerValue } from './derValue.js';
import { distinguishedName } from './distinguishedName.js';

/** A list of revoked certificates (RFC 5280, 5). */
export interface RevocationList {
  /** It alone, in PEM. */
  readonly pem: string;
  /** The distinguished name of its authority; empty where it could not be read. */
  readonly issuer: string;
  /** From when on it says something (`thisUpdate`), in epoch milliseconds. */
  readonly from: number;
  /** After that nobody can say who is revoked (`nextUpdate`). */
  readonly until: number;
}

/** The revocation lists in a text. @param pem several, one after the other */
export const readRevocationLists = (pem: string): readonly RevocationList[] =>
  [...pem.matchAll(/-----BEGIN X509 CRL-----([A-Za-z0-9+/=\s]+)-----END X509 CRL-----/g)].map(
    ([whole, body = '']) => ({ pem: `${whole}\n`, ...read(Buffer.from(body, 'base64')) }),
  );

const integer = 0x02;
const utcTime = 0x17;
const generalizedTime = 0x18;

const read = (der: Buffer): Omit<RevocationList, 'pem'> => {
  const [signed] = derChildren(der, derValue(der, 0));
  const parts = derChildren(der, signed);
  // TBSCertList: version (which may be missing), algorithm, issuer, thisUpdate, nextUpdate (which may be missing)
  const [, issuer, from, until] = parts[0]?.tag === integer ? parts.slice(1) : parts;
  return {
    issuer: issuer === undefined ? '' : distinguishedName(der, issuer),
    from: timeOf(der, from) ?? -Infinity,
    until: timeOf(der, until) ?? Infinity,
  };
};

/** `YYMMDDHHMMSSZ` up to 2049, `YYYYMMDDHHMMSSZ` from then on (RFC 5280, 5.1.2.4). */
const timeOf = (der: Buffer, value: DerValue | undefined): number | undefined => {
  if (value?.tag !== utcTime && value?.tag !== generalizedTime) return undefined;
  const text = der.toString('latin1', value.start, value.end);
  const full = value.tag === generalizedTime ? text : `${Number(text.slice(0, 2)) < 50 ? '20' : '19'}${text}`;
  const time = Date.parse(full.replace(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  return Number.isNaN(time) ? undefined : time;
};
