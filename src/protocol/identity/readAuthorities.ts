import { X509Certificate } from 'node:crypto';
import { derChildren } from './derChildren.js';
import { derValue } from './derValue.js';
import { distinguishedName } from './distinguishedName.js';

/** A certificate authority by its names. */
export interface Authority {
  /** As {@link distinguishedName} writes it. */
  readonly name: string;
  /** As Node writes it in the `issuer` of a certificate. */
  readonly subject: string;
}

/** The authorities whose certificates stand in a text. @param pem several, one after the other; what is none is left out */
export const readAuthorities = (pem: string): readonly Authority[] =>
  (pem.match(/-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g) ?? []).flatMap(
    (one) => {
      let certificate: X509Certificate;
      try {
        certificate = new X509Certificate(one);
      } catch {
        return []; // OpenSSL takes it as an authority no more than we do
      }
      return [{ name: subjectIn(certificate.raw), subject: certificate.subject }];
    },
  );

/** The version has a tag of its own, and may be missing. */
const version = 0xa0;

const subjectIn = (der: Buffer): string => {
  const [signed] = derChildren(der, derValue(der, 0));
  const parts = derChildren(der, signed);
  // TBSCertificate: version, serial number, algorithm, issuer, validity, subject
  const subject = parts[parts[0]?.tag === version ? 5 : 4];
  return subject === undefined ? '' : distinguishedName(der, subject);
};
