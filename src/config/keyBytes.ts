/** Fewer are guessed: 256 bits are what AES-256 and HMAC-SHA256 can use. */
const leastBytes = 32;
/** More can only be a slip, a certificate or a whole file. */
const mostBytes = 1024;

/**
 * The bytes of a key written as hex, base64 or base64url (with or without padding).
 *
 * What can be hex is hex: of the other spellings, hardly one in 10^38 random keys looks like it.
 *
 * @returns undefined for what is none of them, or has fewer than 32 or more than 1024 bytes
 */
export const keyBytes = (text: string): Buffer | undefined => {
  const bytes = decoded(text.trim());
  return bytes !== undefined && bytes.length >= leastBytes && bytes.length <= mostBytes ? bytes : undefined;
};

const decoded = (text: string): Buffer | undefined => {
  if (/^(?:[0-9a-f]{2})+$/i.test(text)) return Buffer.from(text, 'hex');
  const [, body = ''] = /^([A-Za-z0-9+/]+|[A-Za-z0-9_-]+)={0,2}$/.exec(text) ?? [];
  // One digit too many says that something is missing: it would decode, to a key nobody meant.
  return body === '' || body.length % 4 === 1 ? undefined : Buffer.from(body, 'base64url');
};
