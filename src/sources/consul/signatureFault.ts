import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import { canonicalJson } from '../../protocol/canonicalJson.js';

/** Why a tool's definition is not believed. Stable: people search for these. */
export type SignatureFault =
  | 'unsigned'
  | 'missing_keyid'
  | 'unknown_keyid'
  | 'bad_signature_encoding'
  | 'unsupported_key_algorithm'
  | 'signature_invalid'
  | 'verification_error';

/** What is signed of a tool. */
export interface SignedManifest {
  readonly description: string;
  readonly inputSchema: Readonly<Record<string, unknown>>;
  readonly name: string;
  readonly serviceId: string;
  readonly version: string;
}

export interface SignatureClaim {
  /** Base64. */
  readonly signature: string | undefined;
  readonly keyId: string | undefined;
  /** The ways in which the same tool of the same service may have been named when it was signed. */
  readonly manifests: readonly SignedManifest[];
}

/**
 * Checks who vouches for a tool's definition.
 *
 * @param keys PEM (SubjectPublicKeyInfo) by key id
 * @returns undefined when the signature holds
 */
export const signatureFault = (
  { signature, keyId, manifests }: SignatureClaim,
  keys: ReadonlyMap<string, string>,
): SignatureFault | undefined => {
  if (signature === undefined || signature.trim() === '') return 'unsigned';
  if (keyId === undefined || keyId.trim() === '') return 'missing_keyid';
  const pem = keys.get(keyId.trim());
  if (pem === undefined) return 'unknown_keyid';
  const bytes = base64(signature);
  if (bytes === undefined) return 'bad_signature_encoding';
  try {
    const key = createPublicKey(pem);
    const digest = digestFor(key);
    if (digest === undefined) return 'unsupported_key_algorithm';
    const holds = manifests.some((manifest) =>
      verify(digest.name, Buffer.from(canonicalJson(manifest)), key, bytes),
    );
    return holds ? undefined : 'signature_invalid';
  } catch {
    return 'verification_error'; // The key can't be read; which one is in the notice.
  }
};

/** RSA with SHA-256, ECDSA over P-256 with SHA-256, Ed25519, and no others. */
const digestFor = (key: KeyObject): { readonly name: string | null } | undefined => {
  if (key.asymmetricKeyType === 'ed25519') return { name: null };
  if (key.asymmetricKeyType === 'rsa') return { name: 'sha256' };
  const isP256 = key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1';
  return isP256 ? { name: 'sha256' } : undefined;
};

/** Tools such as openssl break long lines; anything else that is no base64 is refused, where Node would skip it. */
const base64 = (text: string): Buffer | undefined => {
  const joined = text.replace(/\s/g, '');
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(joined) || joined.length % 4 !== 0) return undefined;
  return Buffer.from(joined, 'base64');
};
