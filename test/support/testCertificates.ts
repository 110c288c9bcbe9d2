import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** An authority of a test, with openssl, and what it signs: files in a folder of their own. */
export interface TestCertificates {
  /** The authority's certificate. */
  readonly ca: string;
  /** A file of the folder. */
  path(name: string): string;
  /** Makes `NAME.pem` and `NAME.key`, signed by the authority, or by themselves. */
  make(name: string, names: string, by?: 'ca' | 'itself'): Promise<void>;
  close(): Promise<void>;
}

/** Makes the authority; call `close` in `after`. */
export const testCertificates = async (): Promise<TestCertificates> => {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-certificates-'));
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl('req', '-x509', ...curve, '-subj', '/CN=ca', '-keyout', 'ca.key', '-out', 'ca.pem');
  const path = (name: string): string => join(folder, name);
  return {
    ca: path('ca.pem'),
    path,
    async make(name, names, by = 'ca') {
      const [key, cert] = [`${name}.key`, `${name}.pem`];
      if (by === 'itself') {
        openssl('req', '-x509', ...curve, '-subj', `/CN=${name}`, '-keyout', key, '-out', cert);
        return;
      }
      openssl('req', ...curve, '-subj', `/CN=${name}`, '-keyout', key, '-out', 'request.pem');
      await writeFile(path('names'), `subjectAltName=${names}\n`);
      const signed = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', 'names'];
      openssl('x509', '-req', '-in', 'request.pem', ...signed, '-out', cert);
    },
    close: () => rm(folder, { recursive: true, force: true }),
  };
};
