import { keyBytes } from './keyBytes.js';
import type { NeededFiles } from './neededFiles.js';
import type { Report } from './report.js';
import type { RawConfig } from './schema.js';
import type { RawAuth } from './schema/auth.js';
import { secretFiles, type WithFile } from './secretFiles.js';

/** The configuration with what files hold in place of their names, for the gateway's own secrets: `opa.token`, `audit.key`, introspection, sign-in. */
export const fillOwnSecrets = (config: RawConfig, files: NeededFiles, report: Report): RawConfig => {
  const filled = secretFiles(files, report);
  const { opa, audit, auth } = config;
  return {
    ...config,
    ...(opa !== undefined && report.sound('/opa') && { opa: filled(opa, 'token', '/opa', 'a bearer token') }),
    ...(audit !== undefined && report.sound('/audit') && { audit: withKey(audit, filled, report) }),
    ...(auth?.jwt !== undefined &&
      report.sound('/auth') && { auth: { ...auth, jwt: issuers(auth.jwt, filled) } }),
  };
};

const withKey = (audit: NonNullable<RawConfig['audit']>, filled: WithFile, report: Report) => {
  const next = filled(audit, 'key', '/audit', 'the key of the hashes');
  if (next !== audit && keyBytes(next.key ?? '') === undefined)
    report.add(
      '/audit/key_file',
      'The file holds no secret of at least 32 bytes, as hex, base64 or base64url',
      'Make one with `openssl rand -base64 32`',
    );
  return next;
};

const issuers = (jwt: NonNullable<RawAuth['jwt']>, filled: WithFile): NonNullable<RawAuth['jwt']> => ({
  issuers: jwt.issuers.map((issuer, index) => {
    const { introspection, sign_in: signIn } = issuer;
    const at = `/auth/jwt/issuers/${index}`;
    const what = 'the secret of a client';
    return {
      ...issuer,
      ...(introspection !== undefined && {
        introspection: filled(introspection, 'client_secret', `${at}/introspection`, what),
      }),
      ...(signIn !== undefined && { sign_in: filled(signIn, 'client_secret', `${at}/sign_in`, what) }),
    };
  }),
});
