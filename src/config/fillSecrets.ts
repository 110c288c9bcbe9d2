import { createPrivateKey, X509Certificate } from 'node:crypto';
import { isObject } from '../protocol/jsonrpc.js';
import type { NeededFiles } from './neededFiles.js';
import { childPointer } from './pointer.js';
import type { Report } from './report.js';
import type { RawConfig } from './schema.js';
import { secretFiles } from './secretFiles.js';
import { secretLine } from './secretLine.js';
import type { RawMcpServer, RawRestServer, RawServer } from './schema/servers.js';

type RawRemote = RawMcpServer | RawRestServer;
/** Whatever is shown credentials. */
type RawShown = Pick<RawRemote, 'headers' | 'header_files' | 'basic' | 'oauth' | 'tls'>;
type RawOAuth = NonNullable<RawRemote['oauth']>;
type RawClient = Pick<RawOAuth, 'client_secret' | 'client_secret_file' | 'private_key' | 'private_key_file'>;

/**
 * The configuration with what the files of its servers and of the receivers of audit trail and telemetry hold in place of their names: headers,
 * passwords, secrets of OAuth clients, certificates and keys. Where something is wrong, the report says so, without a word of what a file holds.
 */
export const fillSecrets = (config: RawConfig, files: NeededFiles, report: Report): RawConfig => {
  const audit = receivers(config.audit, files, report);
  const telemetry = collector(config.telemetry, files, report);
  const known = {
    ...config,
    ...(audit !== undefined && { audit }),
    ...(telemetry !== undefined && { telemetry }),
  };
  // What is no list of servers is reported already.
  if (config.servers === undefined || (!report.sound('/servers') && !isObject(config.servers))) return known;
  const servers = Object.entries(config.servers).map(([name, server]): [string, RawServer] => {
    const pointer = childPointer('/servers', name);
    if (server.type === 'stdio' || !report.sound(pointer)) return [name, server];
    return [name, filled(server, pointer, files, report)];
  });
  return { ...known, servers: Object.fromEntries(servers) };
};

const collector = (
  telemetry: RawConfig['telemetry'],
  files: NeededFiles,
  report: Report,
): RawConfig['telemetry'] =>
  telemetry?.otlp === undefined || !report.sound('/telemetry')
    ? telemetry
    : { ...telemetry, otlp: filled(telemetry.otlp, '/telemetry/otlp', files, report) };

const receivers = (audit: RawConfig['audit'], files: NeededFiles, report: Report): RawConfig['audit'] => {
  if (audit === undefined || !report.sound('/audit')) return audit;
  const { http, otlp } = audit;
  return {
    ...audit,
    ...(http !== undefined && { http: filled(http, '/audit/http', files, report) }),
    ...(otlp !== undefined && { otlp: filled(otlp, '/audit/otlp', files, report) }),
  };
};

const filled = <S extends RawShown>(server: S, pointer: string, files: NeededFiles, report: Report): S => {
  const line = secretLine(files, report);
  const withFile = secretFiles(files, report);
  const client = <C extends RawClient>(raw: C, at: string): C => {
    const { private_key_file: keyFile, private_key: own } = raw;
    const keyAt = `${at}/private_key_file`;
    const key = keyFile && files.read(keyAt, keyFile, 'a private key in PEM');
    if (own !== undefined && keyFile !== undefined)
      report.add(keyAt, '`private_key` and `private_key_file` say the same', 'Keep one of them', 'key');
    return {
      ...withFile(raw, 'client_secret', at, 'the secret of a client'),
      ...(key && { private_key: key }),
    };
  };

  const headers = { ...server.headers };
  const add = (name: string, at: string, value: () => string | undefined): void => {
    const twice = Object.keys(headers).find((known) => known.toLowerCase() === name.toLowerCase());
    if (twice !== undefined)
      return report.add(at, `The header \`${twice}\` is said twice`, 'Keep one of them', 'key');
    const text = value();
    if (text !== undefined) headers[name] = text;
  };
  for (const [name, file] of Object.entries(server.header_files ?? {})) {
    const at = childPointer(`${pointer}/header_files`, name);
    add(name, at, () => line(at, file, 'the value of a header'));
  }
  const { basic, oauth, tls } = server;
  if (basic !== undefined) {
    const at = `${pointer}/basic`;
    const { username, password, password_file: file } = basic;
    if ((password === undefined) === (file === undefined))
      report.add(at, 'A user has one password', 'Write `password` or `password_file`', 'key');
    const secret = file === undefined ? password : line(`${at}/password_file`, file, 'a password');
    add('authorization', at, () => `Basic ${Buffer.from(`${username}:${secret ?? ''}`).toString('base64')}`);
  }
  return {
    ...server,
    headers,
    ...(oauth !== undefined && {
      oauth: {
        ...client(oauth, `${pointer}/oauth`),
        ...(oauth.idp !== undefined && { idp: client(oauth.idp, `${pointer}/oauth/idp`) }),
      },
    }),
    ...(tls !== undefined && { tls: certificates(tls, `${pointer}/tls`, files, report) }),
  };
};

const certificates = (
  tls: NonNullable<RawRemote['tls']>,
  pointer: string,
  files: NeededFiles,
  report: Report,
): NonNullable<RawRemote['tls']> => {
  if ((tls.cert === undefined) !== (tls.key === undefined))
    report.add(pointer, '`cert` and `key` go together', 'Write both, or none', 'key');
  const read = (part: 'ca' | 'cert' | 'key', what: string, isSound: (text: string) => unknown): object => {
    const file = tls[part];
    const text = file === undefined ? undefined : files.read(`${pointer}/${part}`, file, what);
    if (text === undefined) return {};
    try {
      isSound(text);
      return { [part]: text };
    } catch {
      // Why, OpenSSL says in numbers, and might quote it.
      report.add(`${pointer}/${part}`, 'The file can not be read', `Name a file with ${what}`);
      return {};
    }
  };
  return {
    ...tls,
    ...read('ca', 'certificates in PEM', (text) => new X509Certificate(text)),
    ...read('cert', 'certificates in PEM', (text) => new X509Certificate(text)),
    ...read('key', 'a private key in PEM, without a password', (text) => createPrivateKey(text)),
  };
};
