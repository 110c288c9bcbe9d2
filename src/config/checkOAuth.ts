import { createPrivateKey } from 'node:crypto';
import type { Report } from './report.js';
import type { RawMcpServer } from './schema/servers.js';

type Raw = NonNullable<RawMcpServer['oauth']>;

/** Parts of a server's `oauth` that do not go together. No message shows a secret. */
export const checkOAuth = ({ oauth, headers }: RawMcpServer, pointer: string, report: Report): void => {
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
  const { client_id: id, client_secret: secret, private_key: key, client_metadata_url: document } = oauth;
  const needsId = (['client_secret', 'private_key'] as const).find((name) => oauth[name] !== undefined);
  if (needsId !== undefined && id === undefined)
    report.add(at(needsId), `\`${needsId}\` belongs to a client that is not named`, 'Add `client_id`', 'key');
  if (secret !== undefined && key !== undefined)
    report.add(at('private_key'), 'A client has a secret or a private key', 'Keep one of them', 'key');
  if (key !== undefined && !isKey(key))
    report.add(at('private_key'), 'This is no private key', 'Give it as PKCS#8 in PEM (BEGIN PRIVATE KEY)');
  if (oauth.grant === 'client_credentials' && secret === undefined && key === undefined)
    report.add(
      at('grant'),
      'With `client_credentials` the gateway has to prove who it is',
      'Add `client_id`, and `client_secret` or `private_key`',
    );
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
