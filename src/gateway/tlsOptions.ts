import type { ServerOptions } from 'node:https';
import type { Settings } from '../config/settings.js';
import { readRevocationLists } from '../protocol/identity/readRevocationLists.js';

/**
 * How connections are secured by these settings; undefined for plain HTTP.
 *
 * Where a certificate is optional, one that is not accepted does not end the handshake: it is the request that is refused, with
 * words that a client can show.
 */
export const tlsOptions = ({ listen: { tls }, auth, sessions }: Settings): ServerOptions | undefined => {
  const isShared = sessions.hazelcast !== undefined;
  if (tls === undefined) return undefined;
  const mtls = auth?.mtls;
  return {
    cert: tls.cert,
    key: Buffer.from(tls.key.reveal()),
    minVersion: 'TLSv1.2',
    ...(mtls !== undefined && {
      ca: mtls.ca,
      // Of a text with several Node reads the first.
      ...(mtls.crl !== undefined && { crl: readRevocationLists(mtls.crl).map(({ pem }) => pem) }),
      requestCert: true,
      // A proxy in front and other instances tell of certificates that they have seen, and have none themselves.
      rejectUnauthorized: mtls.mode === 'required' && mtls.proxy === undefined && !isShared,
    }),
  };
};
