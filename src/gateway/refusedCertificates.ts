import type { Server } from 'node:http';
import { Server as HttpsServer } from 'node:https';
import type { TLSSocket } from 'node:tls';
import type { Identifying } from './identifying.js';
import type { Log } from '../streams/log.js';

/** A client that shows no certificate, where one is required. */
const missing = 'ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE';

/**
 * Tells of clients whose handshake ended because of their certificate, or because they had none: they get no answer, so that nobody
 * would know. Handshakes that end for other reasons are those of port scanners and of clients that do not trust the gateway.
 */
export const refusedCertificates = (server: Server, failed: Identifying['failed'], log: Log): void => {
  if (!(server instanceof HttpsServer)) return;
  server.on('tlsClientError', (error: NodeJS.ErrnoException, socket: TLSSocket) => {
    const why = error.code === missing ? missing : codeOf(socket);
    if (why === undefined) return;
    failed(why === missing ? 'missing' : 'invalid');
    // Node has let go of the connection where it is the certificate: its address is not known any more.
    log.warn(
      { event: 'certificate_refused', address: socket.remoteAddress, why },
      'A client certificate was not accepted',
    );
  });
};

/** OpenSSL's word for what is wrong with the certificate; the types call it an error. */
const codeOf = ({ authorizationError }: TLSSocket): string | undefined =>
  (authorizationError as Error | string | null | undefined)?.toString();
