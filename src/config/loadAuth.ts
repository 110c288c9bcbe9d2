import type { ApiKeySettings, AuthSettings } from './authSettings.js';
import { limits } from './limits.js';
import { loadIssuer } from './loadIssuer.js';
import { loadMtls } from './loadMtls.js';
import type { NeededFiles } from './neededFiles.js';
import { readApiKeys, type RawApiKey } from './readApiKeys.js';
import type { Report } from './report.js';
import type { RawConfig } from './schema.js';

/**
 * How callers say who they are, with the keys and certificates that the configuration names.
 *
 * @returns undefined where nobody is asked, and where anything is wrong
 */
export const loadAuth = (config: RawConfig, files: NeededFiles, report: Report): AuthSettings | undefined => {
  if (!needed.every(report.sound)) return undefined;
  const { auth, listen = {} } = config;
  if (auth === undefined) return undefined;
  const { jwt, api_keys: keys, mtls, scopes = {} } = auth;
  if (jwt === undefined && keys === undefined && mtls === undefined)
    return void report.add(
      '/auth',
      'No way is named for callers to say who they are',
      'Add `jwt`, `api_keys` or `mtls`',
    );
  const apiKeys = keys && loadApiKeyFile(keys.file, files, report);
  const certificates = mtls && loadMtls(mtls, listen.tls !== undefined, files, report);
  const issuers = (jwt?.issuers ?? [])
    .map((issuer, index) => loadIssuer(issuer, `/auth/jwt/issuers/${index}`, config, files, report))
    .filter((issuer) => issuer !== undefined);
  checkIssuers(jwt?.issuers ?? [], report);
  return {
    order: [...new Set([...(auth.order ?? []), 'jwt', 'api_keys', 'mtls'] as const)],
    requiredScopes: scopes.required ?? [],
    supportedScopes: scopes.supported ?? [],
    impliedScopes: scopes.implies ?? {},
    issuers,
    // One with a key of its own in the configuration has no metadata to be found.
    authorizationServers: issuers.filter(({ key }) => key === undefined).map(({ issuer }) => issuer),
    apiKeySignIn: keys?.sign_in ?? false,
    ...(keys !== undefined && apiKeys !== undefined && { apiKeysFile: files.locate(keys.file), apiKeys }),
    ...(certificates !== undefined && { mtls: certificates }),
    maxFailures: auth.max_failures ?? limits.authFailures,
  };
};

/** What it depends on. */
const needed = ['/auth', '/listen', '/http'];

const checkIssuers = (issuers: readonly { readonly issuer: string }[], report: Report): void => {
  for (const [index, { issuer }] of issuers.entries())
    if (issuers.findIndex((other) => other.issuer === issuer) < index)
      report.add(
        `/auth/jwt/issuers/${index}/issuer`,
        'This issuer is named twice',
        'Keep one of them: `audience` takes several',
      );
};

const loadApiKeyFile = (
  file: string,
  files: NeededFiles,
  report: Report,
): readonly ApiKeySettings[] | undefined => {
  const pointer = '/auth/api_keys/file';
  const text = files.readIfThere(pointer, file, 'hashed keys, as `sluice keys create` writes it');
  if (text === undefined) return undefined;
  const keys = readApiKeys(text);
  if (typeof keys !== 'string') return keys.map(toApiKey);
  return void report.add(pointer, `The file of keys can not be used: ${keys}`, 'Let `sluice keys` write it');
};

const toApiKey = ({
  created: _created,
  expires,
  scopes = [],
  roles = [],
  ...rest
}: RawApiKey): ApiKeySettings => ({
  ...rest,
  scopes,
  roles,
  ...(expires !== undefined && { expiresAt: Date.parse(expires) }),
});
