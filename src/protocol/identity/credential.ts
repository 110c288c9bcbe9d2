import { refusal } from '../errors.js';
import type { Headers } from '../classify.js';

/** What a caller shows to say who it is. The value is a secret: it goes into no message, no log, no cache. */
export interface Credential {
  readonly scheme: 'bearer' | 'dpop' | 'key';
  readonly value: string;
}

/** Longer than any sane token, and shorter than the headers of a request may be. */
const maxLength = 16 * 1024;
const authorization = /^([A-Za-z]+) +([A-Za-z0-9._~+/-]+=*) *$/;

/**
 * The credential in a request's headers: `Authorization: Bearer`, `Authorization: DPoP` (RFC 9449), or `X-API-Key`.
 *
 * @returns undefined where there is none, or one of a scheme that nobody asked for
 * @throws GatewayError `ERR_CREDENTIAL_MALFORMED` (400; RFC 6750, 3.1) for two of them, and for one that can't be read
 */
export const credentialOf = (headers: Headers): Credential | undefined => {
  const { authorization: written, 'x-api-key': key } = headers;
  if (written === undefined && key === undefined) return undefined;
  if (written !== undefined && key !== undefined) throw malformed('Authorization and X-API-Key: send one');
  if (key !== undefined) {
    if (typeof key !== 'string' || !/^[\x21-\x7e]{1,512}$/.test(key))
      throw malformed('The header X-API-Key can not be read');
    return { scheme: 'key', value: key };
  }
  if (typeof written !== 'string') throw malformed('Two Authorization headers: send one');
  const scheme = written.split(' ', 1)[0]?.toLowerCase();
  if (scheme !== 'bearer' && scheme !== 'dpop') return undefined;
  const value = written.length > maxLength ? undefined : authorization.exec(written)?.[2];
  if (value === undefined) throw malformed('The header Authorization can not be read');
  return { scheme, value };
};

const malformed = (message: string) => refusal('ERR_CREDENTIAL_MALFORMED', message);
