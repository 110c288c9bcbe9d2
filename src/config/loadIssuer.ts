import { createPublicKey } from 'node:crypto';
import { asymmetricAlgorithms } from './asymmetricAlgorithms.js';
import type { IntrospectionSettings, IssuerSettings, SignInSettings } from './authSettings.js';
import { limits } from './limits.js';
import { milliseconds } from './milliseconds.js';
import type { NeededFiles } from './neededFiles.js';
import type { Report } from './report.js';
import type { RawConfig } from './schema.js';
import type { RawAuth } from './schema/auth.js';
import { Secret } from './secret.js';

type Raw = NonNullable<RawAuth['jwt']>['issuers'][number];

const symmetric = ['HS256', 'HS384', 'HS512'];

/** Where an issuer's keys can come from. */
const keySources = ['jwks_uri', 'secret', 'secret_file', 'public_key', 'public_key_file'] as const;

/** Shorter shared secrets can be guessed offline, from one token (RFC 7518, 3.2). */
const minSecretBytes = 32;

/** An issuer of tokens, with its key where that is in the configuration; undefined where anything is wrong with it. */
export const loadIssuer = (
  raw: Raw,
  pointer: string,
  { listen, http }: RawConfig,
  files: NeededFiles,
  report: Report,
): IssuerSettings | undefined => {
  const named = keySources.filter((key) => raw[key] !== undefined);
  const [first, second] = named;
  if (second !== undefined)
    return void report.add(
      `${pointer}/${second}`,
      `\`${first ?? ''}\` and \`${second}\` both say where the issuer's keys are`,
      'Keep one of them',
      'key',
    );
  const shared = first === 'secret' || first === 'secret_file';
  const key = keyOf(raw, first, pointer, files, report);
  const usable = shared ? symmetric : asymmetricAlgorithms;
  const wrong = raw.algorithms?.find((algorithm) => !usable.includes(algorithm));
  // A public key that is taken for a shared secret lets everyone sign: the two never mix.
  if (wrong !== undefined)
    return void report.add(
      `${pointer}/algorithms`,
      shared ? `${wrong} does not go with a shared secret` : `${wrong} needs a shared secret`,
      shared ? 'Use HS256, HS384 or HS512' : 'Leave it out, or give the issuer a `secret`',
    );
  const { audience, introspection } = raw;
  if (introspection !== undefined && introspection.client_secret === undefined) {
    // A file that can't be used is reported already.
    if (introspection.client_secret_file === undefined)
      report.add(
        `${pointer}/introspection`,
        'The gateway needs a secret to ask the issuer',
        'Add `client_secret` or `client_secret_file`',
        'key',
      );
    return undefined;
  }
  if (audience === undefined && listen?.public_url === undefined && (http?.allowed_hosts ?? []).includes('*'))
    return void report.add(
      pointer,
      'With any `Host` allowed, nothing says which audience its tokens have to name',
      'Add `audience`, or `listen.public_url`',
    );
  return {
    issuer: raw.issuer,
    ...(audience !== undefined && { audiences: [audience].flat() }),
    algorithms: raw.algorithms ?? usable,
    ...(raw.jwks_uri !== undefined && { jwksUri: raw.jwks_uri }),
    ...(key !== undefined && { key }),
    ...(raw.sign_in !== undefined && { signIn: toSignIn(raw.sign_in) }),
    ...(raw.introspection !== undefined && { introspection: toIntrospection(raw.introspection) }),
    allowedHosts: raw.allowed_hosts ?? [],
    skewMs: raw.clock_skew === undefined ? limits.clockSkewMs : milliseconds(raw.clock_skew),
    claims: {
      user: raw.claims?.user ?? 'sub',
      tenant: raw.claims?.tenant ?? 'tenant',
      roles: raw.claims?.roles ?? 'roles',
      ...(raw.claims?.client !== undefined && { client: raw.claims.client }),
      ...(raw.claims?.scopes !== undefined && { scopes: raw.claims.scopes }),
    },
  };
};

const toSignIn = ({
  client_id: clientId,
  client_secret: secret,
}: NonNullable<Raw['sign_in']>): SignInSettings => ({
  clientId,
  ...(secret !== undefined && { clientSecret: new Secret(Buffer.from(secret)) }),
});

const toIntrospection = (raw: NonNullable<Raw['introspection']>): IntrospectionSettings => ({
  mode: raw.mode ?? 'opaque',
  ...(raw.url !== undefined && { url: raw.url }),
  ...(raw.token_prefix !== undefined && { tokenPrefix: raw.token_prefix }),
  clientId: raw.client_id,
  clientSecret: new Secret(Buffer.from(raw.client_secret ?? '')),
  cacheMs: raw.cache === undefined ? limits.introspectionCacheMs : milliseconds(raw.cache),
});

const keyOf = (
  raw: Raw,
  source: (typeof keySources)[number] | undefined,
  pointer: string,
  files: NeededFiles,
  report: Report,
): Secret | undefined => {
  if (source === undefined || source === 'jwks_uri') return undefined;
  const at = `${pointer}/${source}`;
  const written = raw[source] ?? '';
  const isFile = source === 'secret_file' || source === 'public_key_file';
  const text = isFile ? files.read(at, written, 'the key, and nothing else') : written;
  if (text === undefined) return undefined;
  if (source.startsWith('public_key')) {
    if (!isPublicKey(text))
      return void report.add(at, 'This is no public key', 'Give it in PEM (BEGIN PUBLIC KEY)');
    return new Secret(Buffer.from(text));
  }
  // A file often ends in a line break, which its writer did not mean.
  const bytes = Buffer.from(isFile ? text.replace(/\r?\n$/, '') : text);
  if (bytes.length < minSecretBytes)
    return void report.add(
      at,
      `A shared secret needs at least ${minSecretBytes} bytes`,
      'Make one with `openssl rand -base64 32`',
    );
  return new Secret(bytes);
};

/** A private key is one that should not be here. */
const isPublicKey = (pem: string): boolean => {
  try {
    return !pem.includes('PRIVATE KEY') && createPublicKey(pem).type === 'public';
  } catch {
    return false; // the reason might quote it
  }
};
