import { createPrivateKey } from 'node:crypto';
import type { Report } from './report.js';
import type { RawMcpServer, RawRestServer } from './schema/servers.js';

type Raw = NonNullable<RawMcpServer['oauth']>;

/** Parts of a server's `oauth` that do not go together. No message shows a secret. */
export const checkOAuth = (
  { type, oauth, headers }: RawMcpServer | RawRestServer,
  pointer: string,
  report: Report,
): void => {
  if (oauth === undefined) return;
  const at = (key: keyof Raw): string => `${pointer}/oauth/${key}`;
  const both = Object.keys(headers ?? {}).find((name) => name.toLowerCase() === 'authorization');
  if (both !== undefined)
    report.add(
      `${pointer}/headers/${both}`,
      `\`${both}\` and \`oauth\` both say how the gateway is authorized`,
      'Keep one of them',
      'key',
    );
  checkGrant(oauth, type, `${pointer}/oauth`, report);
  checkClient(oauth, `${pointer}/oauth`, report);
  if (oauth.idp !== undefined) checkClient(oauth.idp, `${pointer}/oauth/idp`, report);
  const { client_metadata_url: document } = oauth;
  if (document !== undefined && !isDocument(document))
    report.add(
      at('client_metadata_url'),
      'The document must have an https URL with a path',
      'Publish it there',
    );
  if (oauth.redirect_uri !== undefined && !isLoopback(oauth.redirect_uri))
    report.add(
      at('redirect_uri'),
      'The browser comes back to the machine of whoever authorizes: this is not on loopback',
      'Write `http://127.0.0.1:PORT/callback`',
    );
};

const checkGrant = (oauth: Raw, type: 'mcp' | 'rest' | undefined, pointer: string, report: Report): void => {
  const { grant = 'authorization_code', issuer, idp, audience, resource } = oauth;
  const refuse = (key: keyof Raw, message: string, remedy: string, part?: 'key'): void =>
    report.add(oauth[key] === undefined ? pointer : `${pointer}/${key}`, message, remedy, part);
  const byPerson = grant === 'authorization_code' || grant === 'per_user';
  if (!byPerson && oauth.client_secret === undefined && oauth.private_key === undefined)
    refuse(
      'grant',
      `With \`${grant}\` the gateway has to prove who it is`,
      'Add `client_id`, and `client_secret` or `private_key`',
    );
  if (grant === 'authorization_code' && type === 'rest')
    refuse(
      'grant',
      'A REST service does not say where a person could authorize the gateway',
      'Write `grant: per_user`, `client_credentials` or `token_exchange`, and an `issuer`',
    );
  else if (issuer === undefined && (type === 'rest' || grant === 'token_exchange'))
    refuse('grant', 'Nobody says which authorization server gives the tokens', 'Add `issuer`');
  if ((grant === 'id_jag') !== (idp !== undefined))
    refuse(
      idp === undefined ? 'grant' : 'idp',
      '`grant: id_jag` and `idp` go together',
      idp === undefined ? 'Add `idp`, where callers log in' : 'Write `grant: id_jag`, or remove `idp`',
      'key',
    );
  const named = audience === undefined ? 'resource' : 'audience';
  if ((audience ?? resource) === undefined) return;
  if (byPerson && (type !== 'rest' || named === 'audience'))
    refuse(
      named,
      `With \`${grant}\` the server itself says what tokens are for`,
      `Remove \`${named}\``,
      'key',
    );
  else if (grant === 'client_credentials' && issuer === undefined)
    refuse(
      named,
      `\`${named}\` is for the authorization server that \`issuer\` names, and there is none`,
      'Add `issuer`',
      'key',
    );
};

const checkClient = (
  {
    client_id: id,
    client_secret: secret,
    private_key: key,
  }: Pick<Raw, 'client_id' | 'client_secret' | 'private_key'>,
  pointer: string,
  report: Report,
): void => {
  const needsId = secret !== undefined ? 'client_secret' : key !== undefined ? 'private_key' : undefined;
  if (needsId !== undefined && id === undefined)
    report.add(
      `${pointer}/${needsId}`,
      `\`${needsId}\` belongs to a client that is not named`,
      'Add `client_id`',
      'key',
    );
  if (secret !== undefined && key !== undefined)
    report.add(`${pointer}/private_key`, 'A client has a secret or a private key', 'Keep one of them', 'key');
  if (key !== undefined && !isKey(key))
    report.add(
      `${pointer}/private_key`,
      'This is no private key',
      'Give it as PKCS#8 in PEM (BEGIN PRIVATE KEY)',
    );
};

const isKey = (pem: string): boolean => {
  try {
    return createPrivateKey(pem).type === 'private';
  } catch {
    return false; // the reason might quote it
  }
};

const isDocument = (text: string): boolean => {
  const { protocol, pathname } = new URL(text);
  return protocol === 'https:' && pathname !== '/';
};

const isLoopback = (text: string): boolean => {
  const { protocol, hostname } = new URL(text);
  return protocol === 'http:' && ['127.0.0.1', 'localhost', '[::1]'].includes(hostname);
};
