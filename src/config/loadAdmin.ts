import { createHash } from 'node:crypto';
import { asymmetricAlgorithms } from './asymmetricAlgorithms.js';
import type { AdminKeySettings, AdminSettings, OidcSettings } from './adminSettings.js';
import { limits } from './limits.js';
import { milliseconds } from './milliseconds.js';
import type { NeededFiles } from './neededFiles.js';
import type { Report } from './report.js';
import type { RawConfig } from './schema.js';
import type { RawAdmin } from './schema/admin.js';
import { Secret } from './secret.js';
import { secretLine, type SecretLine } from './secretLine.js';

/** Shorter ones can be guessed, or are words. */
const minKeyLength = 16;

/** The admin listener, with the keys that its files hold; what is wrong goes to the report without a word of a secret. */
export const loadAdmin = (config: RawConfig, files: NeededFiles, report: Report): AdminSettings => {
  const raw = report.sound('/admin') ? (config.admin ?? {}) : {};
  const line = secretLine(files, report);
  const oidc = raw.oidc && toOidc(raw.oidc, line, report);
  const [ttlMs, idleMs] = [
    raw.session_ttl === undefined ? limits.adminSessionTtlMs : milliseconds(raw.session_ttl),
    raw.session_idle === undefined ? limits.adminSessionIdleMs : milliseconds(raw.session_idle),
  ];
  return {
    host: raw.host ?? '127.0.0.1',
    port: raw.port ?? 8081,
    ...(raw.public_url !== undefined && { publicOrigin: new URL(raw.public_url).origin }),
    keys: toKeys(raw, line, config, report),
    ...(oidc !== undefined && { oidc }),
    sessionTtlMs: ttlMs,
    sessionIdleMs: Math.min(idleMs, ttlMs),
    recentCalls: raw.recent_calls ?? limits.recentCalls,
  };
};

const toKeys = (
  raw: RawAdmin,
  line: SecretLine,
  { tenants }: RawConfig,
  report: Report,
): readonly AdminKeySettings[] => {
  const digests = new Set<string>();
  const found = (
    { key, key_file: file }: Pick<RawAdmin, 'key' | 'key_file'>,
    pointer: string,
  ): Secret | undefined => {
    if (key !== undefined && file !== undefined)
      return void report.add(
        `${pointer}/key_file`,
        '`key` and `key_file` say the same',
        'Keep one of them',
        'key',
      );
    const at = `${pointer}/${file === undefined ? 'key' : 'key_file'}`;
    const text = file === undefined ? key : line(at, file, 'the key');
    if (text === undefined) return undefined;
    if (text.length < minKeyLength)
      return void report.add(
        at,
        `A key needs at least ${minKeyLength} characters`,
        'Make one with `openssl rand -base64 32`',
      );
    const digest = createHash('sha256').update(text).digest();
    if (digests.has(digest.toString('hex')))
      return void report.add(at, 'Another key is the same', 'Make each key anew');
    digests.add(digest.toString('hex'));
    return new Secret(digest);
  };
  const one = found(raw, '/admin');
  const names = new Set<string>();
  const more = (raw.keys ?? []).flatMap((each, index): AdminKeySettings[] => {
    const pointer = `/admin/keys/${index}`;
    const { name, role = 'admin', tenant } = each;
    if (names.has(name)) report.add(`${pointer}/name`, 'Another key has that name', 'Give each its own');
    names.add(name);
    if (each.key === undefined && each.key_file === undefined)
      report.add(pointer, 'The key is missing', 'Add `key` or `key_file`', 'key');
    if (tenant !== undefined && tenants !== undefined && !Object.hasOwn(tenants, tenant))
      report.add(`${pointer}/tenant`, 'There is no tenant of that name', 'Name one of `tenants`');
    const digest = found(each, pointer);
    return digest === undefined ? [] : [{ name, digest, role, ...(tenant !== undefined && { tenant }) }];
  });
  return one === undefined ? more : [{ name: 'admin', digest: one, role: 'admin' }, ...more];
};

const toOidc = (
  raw: NonNullable<RawAdmin['oidc']>,
  line: SecretLine,
  report: Report,
): OidcSettings | undefined => {
  const pointer = '/admin/oidc';
  const { client_secret: written, client_secret_file: file, roles } = raw;
  if (written !== undefined && file !== undefined)
    return void report.add(
      `${pointer}/client_secret_file`,
      '`client_secret` and `client_secret_file` say the same',
      'Keep one of them',
      'key',
    );
  const { admin = [], viewer = [] } = roles;
  if (admin.length === 0 && viewer.length === 0)
    return void report.add(
      `${pointer}/roles`,
      'Nobody would be let in',
      'Add `admin` or `viewer` with the values of the claim that make one; `["*"]` for everybody',
    );
  const secret =
    file === undefined ? written : line(`${pointer}/client_secret_file`, file, 'the secret of a client');
  return {
    issuer: {
      issuer: raw.issuer,
      algorithms: asymmetricAlgorithms,
      allowedHosts: raw.allowed_hosts ?? [],
      skewMs: limits.clockSkewMs,
      claims: {
        user: raw.user_claim ?? 'preferred_username',
        tenant: raw.tenant_claim ?? 'tenant',
        roles: roles.claim ?? 'roles',
      },
    },
    client: {
      clientId: raw.client_id,
      ...(secret !== undefined && { clientSecret: new Secret(Buffer.from(secret)) }),
      scopes: [...new Set(['openid', ...(raw.scopes ?? ['profile'])])],
    },
    name: raw.name ?? new URL(raw.issuer).host,
    hasTenants: raw.tenant_claim !== undefined,
    allTenants: roles.all_tenants ?? [],
    roles: { admin, viewer },
  };
};
