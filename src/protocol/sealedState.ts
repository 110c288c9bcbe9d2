import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';
import { refusal } from './errors.js';
import { isObject, type Params } from './jsonrpc.js';

/** What a `requestState` stands for between two rounds of a call. */
export interface CallState {
  /** Who was asked: nobody else may answer. */
  readonly principalId: string;
  readonly server: string;
  readonly method: string;
  /** Of what the client asked for: a retry is the same request (see {@link requestDigest}). */
  readonly digest: string;
  /** The server's own `requestState`, to be given back byte by byte; undefined if it sent none. */
  readonly upstream?: string;
  /** The parked call to go on with, for servers of the 2025 era. */
  readonly parked?: string;
}

/** Seals and opens the `requestState` of calls that go several rounds (2026-07-28: basic/patterns/mrtr). */
export interface StateSeal {
  /** An opaque text that only this gateway can read or make. */
  seal(state: CallState): string;
  /** What was sealed. Throws `ERR_STATE_INVALID` for a text that was altered, made by others, or is too old. */
  open(text: string): CallState;
}

export interface StateSealOptions {
  /** Secrets of at least 32 bytes, the newest first: it seals, all open. Instances that share a client share them. */
  readonly keys: readonly [Uint8Array, ...Uint8Array[]];
  /** How long a client may take to answer, in milliseconds. */
  readonly ttlMs: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

const nonceBytes = 12;
const tagBytes = 16;
const keyIdBytes = 4;

/** AES-256-GCM with a key derived from each secret; the key's id goes in front, so that keys can be rotated. */
export const stateSeal = ({ keys, ttlMs, now }: StateSealOptions): StateSeal => {
  const ring = keys.map((secret) => ({
    id: createHash('sha256')
      .update('sluice request state id')
      .update(secret)
      .digest()
      .subarray(0, keyIdBytes),
    key: Buffer.from(hkdfSync('sha256', secret, '', 'sluice request state', 32)),
  }));
  const [newest] = ring;
  if (newest === undefined) throw new TypeError('stateSeal: at least one key');
  return {
    seal(state) {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv('aes-256-gcm', newest.key, nonce);
      const plain = JSON.stringify({ ...state, exp: now() + ttlMs });
      const sealed = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
      return Buffer.concat([newest.id, nonce, cipher.getAuthTag(), sealed]).toString('base64url');
    },
    open(text) {
      const bytes = Buffer.from(text, 'base64url');
      // Decoding forgives what is not base64url: one state has one spelling.
      if (bytes.toString('base64url') !== text) throw invalid();
      const entry = ring.find(({ id }) => id.equals(bytes.subarray(0, keyIdBytes)));
      if (entry === undefined) throw invalid();
      const state = decrypt(entry.key, bytes.subarray(keyIdBytes));
      if (typeof state['exp'] !== 'number' || state['exp'] < now()) throw invalid();
      const { exp: _exp, ...rest } = state;
      return rest as unknown as CallState;
    },
  };
};

const decrypt = (key: Buffer, bytes: Buffer): Readonly<Record<string, unknown>> => {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, nonceBytes), {
      authTagLength: tagBytes,
    });
    decipher.setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
    const plain = Buffer.concat([decipher.update(bytes.subarray(nonceBytes + tagBytes)), decipher.final()]);
    const value: unknown = JSON.parse(plain.toString('utf8'));
    if (isObject(value)) return value;
  } catch {
    // Whatever is wrong with it, it was not sealed here: told below, without a hint for whoever is guessing.
  }
  throw invalid();
};

const invalid = () =>
  refusal('ERR_STATE_INVALID', 'requestState is invalid or has expired: send the request again without it', {
    data: { reason: 'invalid_request_state' },
  });

/** A digest of what a client asked for: method, target and arguments, but not the answers and state of a round. */
export const requestDigest = (method: string, params: Params): string =>
  createHash('sha256')
    .update(method)
    .update(canonical({ ...params, _meta: undefined, inputResponses: undefined, requestState: undefined }))
    .digest('base64url');

const canonical = (value: unknown): string =>
  JSON.stringify(value, (_key, child: unknown) =>
    isObject(child) ? Object.fromEntries(Object.entries(child).sort(([a], [b]) => (a < b ? -1 : 1))) : child,
  );
