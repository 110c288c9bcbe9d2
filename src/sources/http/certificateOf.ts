import type { X509Certificate } from 'node:crypto';
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
    ...unknown(String(socket.authorizationError), certificate),
    subjectAltName,
    subject,
    thumbprint: Buffer.from(fingerprint256.replaceAll(':', ''), 'hex').toString('base64url'),
  };
};

/** Whether a certificate could not be looked up: OpenSSL has some words for lists of no use, and one for none. */
const unknown = (
  why: string,
  certificate: X509Certificate,
): Pick<ClientCertificate, 'unknowable' | 'unlisted'> | false => {
  if (why === 'UNABLE_TO_GET_CRL') return { unlisted: issuersOf(certificate) };
  return /(?:^|_)CRL(?:_|$)/.test(why) && { unknowable: true };
};

/** Longest way up to an authority. */
const maxChain = 8;

/** All above it that the client has shown too. */
const issuersOf = (certificate: X509Certificate): readonly string[] => {
  const issuers: string[] = [];
  for (
    let next: X509Certificate | undefined = certificate;
    next !== undefined && issuers.length < maxChain;
    next = next.issuerCertificate
  )
    issuers.push(next.issuer);
  return issuers;
};
