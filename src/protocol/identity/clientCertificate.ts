/** A certificate that a client has shown in the TLS handshake. */
export interface ClientCertificate {
  /** Whether one of the configured authorities has issued it, and it is neither expired nor revoked. */
  readonly accepted: boolean;
  /** It can't be known whether it is: an authority's revocation list has run out, or is of no use otherwise. */
  readonly unknowable?: boolean;
  /** There is no revocation list of one of these, as Node writes their names: it can't be known either, if it is one that is configured. */
  readonly unlisted?: readonly string[];
  /** As Node writes them. */
  readonly subjectAltName: string | undefined;
  readonly subject: string;
  /** SHA-256 of it, base64url (RFC 8705, 3.1). */
  readonly thumbprint: string;
}
