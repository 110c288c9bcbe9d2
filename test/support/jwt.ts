import { generateKeyPairSync, sign, verify, type KeyObject } from 'node:crypto';

/** A key pair for JWTs by ES256. */
export const jwtKeys = (): { readonly privateKey: KeyObject; readonly publicKey: KeyObject } =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' });

type Claims = Readonly<Record<string, unknown>>;

const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A JWT signed by ES256. */
export const signedJwt = (key: KeyObject, claims: Claims, typ = 'at+jwt'): string => {
  const input = `${encoded({ alg: 'ES256', typ })}.${encoded(claims)}`;
  const signature = sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' });
  return `${input}.${signature.toString('base64url')}`;
};

/** The claims of a JWT of this type that is signed by this key and has not ended; undefined for any other text. */
export const openJwt = (key: KeyObject, text: string, typ = 'at+jwt'): Claims | undefined => {
  const [head = '', body = '', signature = ''] = text.split('.');
  const isSigned = verify(
    'sha256',
    Buffer.from(`${head}.${body}`),
    { key, dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'),
  );
  if (!isSigned) return undefined;
  const read = (part: string): Claims => JSON.parse(Buffer.from(part, 'base64url').toString()) as Claims;
  const claims = read(body);
  return read(head)['typ'] === typ && Number(claims['exp']) > Date.now() / 1000 ? claims : undefined;
};
