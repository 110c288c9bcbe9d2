import { createPrivateKey, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import type { TlsSettings } from './listenSettings.js';
import type { NeededFiles } from './neededFiles.js';
import type { Report } from './report.js';
import type { RawConfig } from './schema.js';
import { Secret } from './secret.js';

/** The gateway's own certificate and key, from the files under `listen.tls`; undefined for plain HTTP, and where anything is wrong. */
export const loadTls = (config: RawConfig, files: NeededFiles, report: Report): TlsSettings | undefined => {
  if (!report.sound('/listen')) return undefined;
  const { tls } = config.listen ?? {};
  if (tls === undefined) return undefined;
  const cert = files.read('/listen/tls/cert', tls.cert, 'certificates in PEM');
  const key = files.read('/listen/tls/key', tls.key, 'a private key in PEM');
  if (cert === undefined || key === undefined) return undefined;
  const fault = faultOf(cert, key);
  if (fault !== undefined) return void report.add(`/listen/tls/${fault.at}`, fault.message, fault.remedy);
  return { cert, key: new Secret(Buffer.from(key)) };
};

/** What OpenSSL has to say of it is left out: it speaks of libraries and numbers. */
const faultOf = (cert: string, key: string) => {
  const works = (attempt: () => unknown): boolean => {
    try {
      attempt();
      return true;
    } catch {
      return false; // told in words of ours
    }
  };
  if (!works(() => new X509Certificate(cert)))
    return {
      at: 'cert',
      message: 'The file holds no certificate',
      remedy: 'Give it in PEM (BEGIN CERTIFICATE)',
    };
  if (!works(() => createPrivateKey(key)))
    return {
      at: 'key',
      message: 'The file holds no private key that can be read without a password',
      remedy: 'Give it in PEM (BEGIN PRIVATE KEY)',
    };
  if (!works(() => createSecureContext({ cert, key })))
    return {
      at: 'key',
      message: 'The private key is that of another certificate',
      remedy: 'Name the two that belong together',
    };
  return undefined;
};
