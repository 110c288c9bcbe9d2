import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { ClientCertificate } from '../../protocol/identity/clientCertificate.js';

/** Reading one costs more than a request: it is read once a connection. */
const known = new WeakMap<Socket, ClientCertificate | typeof none>();
const none = Symbol('none');

/** The certificate that the other end of a connection has shown. */
export const certificateOf = (socket: Socket): ClientCertificate | undefined => {
  if (!(socket instanceof TLSSocket)) return undefined;
  let found = known.get(socket);
  if (found === undefined) known.set(socket, (found = read(socket) ?? none));
  return found === none ? undefined : found;
};

const read = (socket: TLSSocket): ClientCertificate | undefined => {
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return undefined;
  const { subjectAltName, subject, fingerprint256 } = certificate;
  return {
    accepted: socket.authorized,
    // The types call OpenSSL's word an error.
    ...(String(socket.authorizationError) === 'CRL_HAS_EXPIRED' && { unknowable: true }),
    subjectAltName,
    subject,
    thumbprint: Buffer.from(fingerprint256.replaceAll(':', ''), 'hex').toString('base64url'),
  };
};
