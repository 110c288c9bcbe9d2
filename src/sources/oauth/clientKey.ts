import { createPrivateKey, webcrypto, type KeyObject } from 'node:crypto';
import { defer, from, type Observable } from 'rxjs';
import { unauthorized } from './unauthorized.js';

/**
 * A private key for signing assertions (RFC 7523).
 *
 * @param pem PKCS#8
 * @returns one key, usable with ES256, RS256 or Ed25519 by what it is. Errors: `ERR_UPSTREAM_UNAUTHORIZED`
 */
export const clientKey = (pem: string): Observable<webcrypto.CryptoKey> =>
  defer(() => {
    const key = parse(pem);
    const der = new Uint8Array(key.export({ type: 'pkcs8', format: 'der' }));
    return from(webcrypto.subtle.importKey('pkcs8', der, algorithm(key), false, ['sign']));
  });

const parse = (pem: string): KeyObject => {
  try {
    return createPrivateKey(pem);
  } catch {
    throw unauthorized('The configured private key is none'); // the reason might quote it
  }
};

const algorithm = (key: KeyObject) => {
  const { namedCurve } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType === 'ec' && namedCurve === 'prime256v1')
    return { name: 'ECDSA', namedCurve: 'P-256' };
  if (key.asymmetricKeyType === 'rsa') return { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
  if (key.asymmetricKeyType === 'ed25519') return { name: 'Ed25519' };
  throw unauthorized('The configured private key is neither P-256, RSA nor Ed25519');
};
