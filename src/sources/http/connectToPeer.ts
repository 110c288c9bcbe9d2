import { X509Certificate } from 'node:crypto';
import { checkServerIdentity, rootCertificates, type PeerCertificate } from 'node:tls';
import { buildConnector } from 'undici';

/**
 * Connects to another instance of the gateway. Where that serves HTTPS, it proves to be one: by the certificate that this instance has
 * itself, whatever name is in it, or by one for its own name.
 *
 * @param certificate the own one in PEM, as it is when a connection is made; undefined for an instance without TLS
 */
export const connectToPeer =
  (timeout: number, certificate: () => string | undefined): buildConnector.connector =>
  (options, connected) => {
    const own = certificate();
    if (own === undefined || options.protocol !== 'https:')
      return void buildConnector({ timeout })(options, connected);
    const fingerprint = new X509Certificate(own).fingerprint256;
    buildConnector({
      timeout,
      ca: [...rootCertificates, own],
      allowPartialTrustChain: true,
      checkServerIdentity: (host: string, shown: PeerCertificate) =>
        shown.fingerprint256 === fingerprint ? undefined : checkServerIdentity(host, shown),
    })(options, connected);
  };
