import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A certificate with its key, in PEM. */
export interface Pair {
  readonly cert: string;
  readonly key: string;
}

export interface Wanted {
  /** The common name. */
  readonly name: string;
  /** Alternative names as OpenSSL writes them: `URI:spiffe://…,DNS:…,IP:…`. */
  readonly alternative?: string;
  /** Whether its time is over already. */
  readonly expired?: boolean;
}

/** A certificate authority of a test's own, made with the `openssl` program. */
export interface TestAuthority {
  /** The folder of its files. */
  readonly folder: string;
  readonly ca: string;
  issue(wanted: Wanted): Promise<Pair>;
  /** A certificate that it has not issued, but the owner of the key itself. */
  own(name: string): Promise<Pair>;
  /** A revocation list that names these. */
  revocations(...revoked: readonly Pair[]): Promise<string>;
  /** A revocation list that was to be followed by another one long ago. */
  oldRevocations(): Promise<string>;
  /** A revocation list whose time is still to come. */
  earlyRevocations(): Promise<string>;
  remove(): Promise<void>;
}

/** Makes it; call `remove` in `after`. */
export const testAuthority = async (name = 'Test CA'): Promise<TestAuthority> => {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-ca-'));
  const openssl = (...args: string[]) => run('openssl', args, { cwd: folder });
  const read = (file: string) => readFile(join(folder, file), 'utf8');
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  await writeFile(join(folder, 'index'), '');
  await writeFile(join(folder, 'serial'), '01\n');
  await writeFile(join(folder, 'crlnumber'), '01\n');
  await writeFile(
    join(folder, 'ca.cnf'),
    [
      '[ca]',
      'default_ca = own',
      '[own]',
      'database = index',
      'serial = serial',
      'crlnumber = crlnumber',
      'new_certs_dir = .',
      'certificate = ca.pem',
      'private_key = ca.key',
      'default_md = sha256',
      'default_crl_days = 30',
      'policy = any',
      'unique_subject = no',
      '[any]',
      'commonName = supplied',
    ].join('\n'),
  );
  await openssl(
    'req',
    '-x509',
    ...curve,
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
    '-days',
    '30',
    '-subj',
    `/CN=${name}`,
  );
  const dated = async (from: string, until: string): Promise<string> => {
    const times = ['-crl_lastupdate', from, '-crl_nextupdate', until];
    await openssl('ca', '-config', 'ca.cnf', '-gencrl', '-out', 'dated.pem', ...times);
    return read('dated.pem');
  };
  let count = 0;
  const gone = new Set<string>();
  return {
    folder,
    ca: await read('ca.pem'),
    async issue({ name: common, alternative, expired = false }) {
      const file = `issued-${++count}`;
      await openssl(
        'req',
        ...curve,
        '-keyout',
        `${file}.key`,
        '-out',
        `${file}.csr`,
        '-subj',
        `/CN=${common}`,
      );
      await writeFile(
        join(folder, `${file}.ext`),
        alternative === undefined ? 'basicConstraints=CA:FALSE\n' : `subjectAltName=${alternative}\n`,
      );
      const time = expired
        ? ['-startdate', '20200101000000Z', '-enddate', '20200201000000Z']
        : ['-days', '30'];
      const files = ['-in', `${file}.csr`, '-out', `${file}.pem`, '-extfile', `${file}.ext`];
      await openssl('ca', '-batch', '-notext', '-config', 'ca.cnf', ...files, ...time);
      return { cert: await read(`${file}.pem`), key: await read(`${file}.key`) };
    },
    async own(common) {
      const file = `own-${++count}`;
      const files = ['-keyout', `${file}.key`, '-out', `${file}.pem`];
      await openssl('req', '-x509', ...curve, ...files, '-days', '30', '-subj', `/CN=${common}`);
      return { cert: await read(`${file}.pem`), key: await read(`${file}.key`) };
    },
    async revocations(...revoked) {
      for (const { cert } of revoked) {
        if (gone.has(cert)) continue;
        gone.add(cert);
        await writeFile(join(folder, 'revoked.pem'), cert);
        await openssl('ca', '-config', 'ca.cnf', '-revoke', 'revoked.pem');
      }
      await openssl('ca', '-config', 'ca.cnf', '-gencrl', '-out', 'crl.pem');
      return read('crl.pem');
    },
    oldRevocations: () => dated('20200101000000Z', '20200102000000Z'),
    earlyRevocations: () => dated('20900101000000Z', '20900102000000Z'),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
};
