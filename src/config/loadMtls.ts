import { X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { readRevocationLists } from '../protocol/identity/readRevocationLists.js';
import type { MtlsSettings } from './authSettings.js';
import type { NeededFiles } from './neededFiles.js';
import type { Report } from './report.js';
import type { RawAuth } from './schema/auth.js';

type Raw = NonNullable<RawAuth['mtls']>;

/**
 * Client certificates: authorities, revocation lists, and what is known of callers; undefined where anything is wrong.
 *
 * @param tls whether the gateway itself serves HTTPS
 */
export const loadMtls = (
  raw: Raw,
  tls: boolean,
  files: NeededFiles,
  report: Report,
): MtlsSettings | undefined => {
  const at = '/auth/mtls';
  if (raw.mode === 'required' && !tls && raw.proxy === undefined)
    return void report.add(
      `${at}/mode`,
      'Nobody could show a certificate: the gateway does not serve HTTPS',
      'Add `listen.tls`, or the `proxy` that checks certificates in front',
    );
  const ca = files.read(`${at}/ca`, raw.ca, 'certificates in PEM');
  const crl = raw.crl === undefined ? undefined : files.read(`${at}/crl`, raw.crl, 'revocation lists in PEM');
  if (ca === undefined || (raw.crl !== undefined && crl === undefined)) return undefined;
  if (!isCertificate(ca))
    return void report.add(`${at}/ca`, 'The file holds no certificate', 'Give it in PEM (BEGIN CERTIFICATE)');
  if (crl !== undefined && !isRevocationList(crl))
    return void report.add(
      `${at}/crl`,
      'The file holds no revocation list',
      'Give it in PEM (BEGIN X509 CRL)',
    );
  return {
    ca,
    ...(crl !== undefined && { crl }),
    mode: raw.mode ?? 'optional',
    names: raw.names ?? ['uri', 'dns', 'subject'],
    ...(raw.proxy !== undefined && {
      proxy: {
        header: (raw.proxy.header ?? 'x-forwarded-client-cert').toLowerCase(),
        addresses: raw.proxy.addresses,
      },
    }),
    clients: (raw.clients ?? []).map(({ scopes = [], roles = [], ...rest }) => ({ ...rest, scopes, roles })),
  };
};

const isCertificate = (pem: string): boolean => {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false; // told in words of ours
  }
};

const isRevocationList = (crl: string): boolean => {
  try {
    const lists = readRevocationLists(crl).map(({ pem }) => pem);
    createSecureContext({ crl: lists });
    return lists.length > 0;
  } catch {
    return false; // as above
  }
};
