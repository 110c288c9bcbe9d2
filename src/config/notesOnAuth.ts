import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { anyOf } from '../protocol/glob.js';
import { revocationFaults } from '../protocol/identity/revocationFaults.js';
import type { Say, Surroundings } from './note.js';
import { childPointer } from './pointer.js';
import type { RawConfig } from './schema.js';
import type { RawAuth } from './schema/auth.js';

/** What of callers, their credentials and tenants is allowed and may yet surprise. */
export const notesOnAuth = (config: RawConfig, around: Surroundings, say: Say): void => {
  noteTenants(config, say);
  if (config.auth === undefined) return;
  noteOrder(config.auth, say);
  noteIssuers(config.auth, say);
  noteKeys(config.auth, around, say);
  noteClients(config, around, say);
  noteRevocations(around, say);
};

const noteTenants = ({ auth, tenants, policies = [] }: RawConfig, say: Say): void => {
  if (tenants !== undefined && auth === undefined)
    say('/tenants', 'without `auth` nobody belongs to a tenant: all calls are refused', 'key');
  if (tenants !== undefined) return;
  for (const [index, { tenant }] of policies.entries())
    if (tenant !== undefined)
      say(
        `/policies/${index}/tenant`,
        `there are no \`tenants\`: the policy is about whoever's credential says that it is of \`${tenant}\``,
      );
};

const noteOrder = (auth: RawAuth, say: Say): void => {
  for (const [index, method] of (auth.order ?? []).entries())
    if (auth[method] === undefined)
      say(`/auth/order/${index}`, `\`${method}\` is not configured: nobody comes in that way`);
};

/** Whoever sits on the way could answer in the issuer's place. */
const noteIssuers = ({ jwt }: RawAuth, say: Say): void => {
  for (const [index, issuer] of (jwt?.issuers ?? []).entries()) {
    const pointer = `/auth/jwt/issuers/${index}`;
    const { jwks_uri: keys, introspection } = issuer;
    const ownKey = ['secret', 'secret_file', 'public_key', 'public_key_file'] as const;
    const isAsked = keys === undefined && !ownKey.some((key) => issuer[key] !== undefined);
    const asksAbout = introspection !== undefined && introspection.url === undefined;
    if (isAsked || asksAbout) noteHttp(`${pointer}/issuer`, issuer.issuer, say);
    noteHttp(`${pointer}/jwks_uri`, keys, say);
    noteHttp(`${pointer}/introspection/url`, introspection?.url, say);
  }
};

const noteHttp = (pointer: string, url: string | undefined, say: Say): void => {
  if (url === undefined || !/^http:/i.test(url)) return;
  const { hostname } = new URL(url);
  if (/^(?:localhost|.*\.localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname)) return;
  say(pointer, 'it is asked by plain http: whoever sits on the way can make tokens. Write `https://`');
};

const noteKeys = ({ api_keys: keys }: RawAuth, { baseDir }: Surroundings, say: Say): void => {
  if (keys !== undefined && !existsSync(resolve(baseDir, keys.file)))
    say(
      '/auth/api_keys/file',
      'the file does not exist: nobody has a key until `sluice keys create` makes the first, or the path is mended',
    );
};

/** Tokens and certificates may name any client; keys are all known. */
const noteClients = ({ auth, servers = {} }: RawConfig, { apiKeys }: Surroundings, say: Say): void => {
  if (auth?.jwt !== undefined || auth?.mtls !== undefined || apiKeys === undefined) return;
  const clients = apiKeys.map(({ client, id }) => client ?? id);
  for (const [name, { allowed_clients: allowed = [] }] of Object.entries(servers))
    for (const [index, glob] of allowed.entries())
      if (!clients.some(anyOf([glob])))
        say(
          `${childPointer('/servers', name)}/allowed_clients/${index}`,
          `no key is of a client like \`${glob}\`: see \`sluice keys list\``,
        );
};

const noteRevocations = ({ mtls }: Surroundings, say: Say): void => {
  if (mtls?.crl === undefined) return;
  for (const { message } of revocationFaults(mtls.ca, mtls.crl, Date.now())) say('/auth/mtls/crl', message);
};
