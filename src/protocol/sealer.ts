import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';
import { isObject, type Params } from './jsonrpc.js';

/** Makes texts that only this gateway, and those it shares its secrets with, can read or make. */
export interface Sealer {
  /** A value as opaque base64url; sealing it twice gives two texts. */
  seal(value: Params): string;
  /** What was sealed; undefined for a text that was altered or made by others. */
  open(text: string): Params | undefined;
}

/** Secrets of at least 32 bytes, the newest first: it seals, all open. Instances that share a client share them. */
export type Secrets = readonly [Uint8Array, ...Uint8Array[]];

const nonceBytes = 12;
const tagBytes = 16;
const keyIdBytes = 4;

/**
 * AES-256-GCM with a key derived from each secret (HKDF-SHA256); the key's id goes in front, so that keys can be rotated.
 *
 * @param purpose what the texts are for: one made for another purpose does not open
 */
export const sealer = (secrets: Secrets, purpose: string): Sealer => {
  const ring = secrets.map((secret) => ({
    id: createHash('sha256').update(`${purpose} id`).update(secret).digest().subarray(0, keyIdBytes),
    key: Buffer.from(hkdfSync('sha256', secret, '', purpose, 32)),
  }));
  const [newest] = ring;
  if (newest === undefined) throw new TypeError('sealer: at least one secret');
  return {
    seal(value) {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv('aes-256-gcm', newest.key, nonce);
      const sealed = Buffer.concat([cipher.update(JSON.stringify(value), 'utf8'), cipher.final()]);
      return Buffer.concat([newest.id, nonce, cipher.getAuthTag(), sealed]).toString('base64url');
    },
    open(text) {
      const bytes = Buffer.from(text, 'base64url');
      // Decoding forgives what is not base64url: one value has one spelling.
      if (bytes.toString('base64url') !== text) return undefined;
      const entry = ring.find(({ id }) => id.equals(bytes.subarray(0, keyIdBytes)));
      return entry === undefined ? undefined : decrypt(entry.key, bytes.subarray(keyIdBytes));
    },
  };
};

const decrypt = (key: Buffer, bytes: Buffer): Params | undefined => {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, nonceBytes), {
      authTagLength: tagBytes,
    });
    decipher.setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
    const plain = Buffer.concat([decipher.update(bytes.subarray(nonceBytes + tagBytes)), decipher.final()]);
    const value: unknown = JSON.parse(plain.toString('utf8'));
    return isObject(value) ? value : undefined;
  } catch {
    // Whatever is wrong with it, it was not sealed here; whoever is guessing gets no hint.
    return undefined;
  }
};
