import { access, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './run.js';
import { serviceCache } from './serviceCache.js';
import { Unavailable } from './unavailable.js';

/** Releases of Debian, the newest first. */
const releases = ['forky', 'trixie', 'bookworm', 'bullseye', 'buster'];

/**
 * A program of a Debian package that this release has no more: fetched from the newest older release that has it, checked by apt
 * against the archive's keyring, and unpacked into the cache. Nothing is installed, root is not needed.
 *
 * @param path of the program inside the package
 * @returns the program's path
 */
export const debianPackage = async (name: string, path: string): Promise<string> => {
  const folder = await serviceCache(name);
  const program = join(folder, 'root', path);
  if (await exists(program)) return program;
  const { codename, mirror, keyring } = await ownSources(name);
  const failures: string[] = [];
  for (const suite of releases.slice(releases.indexOf(codename) + 1)) {
    try {
      const apt = await privateApt(folder, suite, mirror, keyring);
      await run('apt-get', [...apt, 'update', '-q'], { ms: 180_000 });
      await run('apt-get', [...apt, 'download', name], { cwd: folder, ms: 180_000 });
      const deb = (await readdir(folder)).find(
        (file) => file.startsWith(`${name}_`) && file.endsWith('.deb'),
      );
      if (deb === undefined) throw new Error('apt-get left no package');
      await run('dpkg-deb', ['-x', join(folder, deb), join(folder, 'root')], { ms: 60_000 });
      return program;
    } catch (error) {
      failures.push(`${suite}: ${String(error)}`);
    }
  }
  throw new Unavailable(name, failures.join('; ') || `no release before ${codename} is known`);
};

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

interface Sources {
  readonly codename: string;
  readonly mirror: string;
  readonly keyring: string;
}

/** Where this system has its own packages from. */
const ownSources = async (name: string): Promise<Sources> => {
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '');
  const codename = /^VERSION_CODENAME=(\w+)/m.exec(release)?.[1];
  if (codename === undefined || !releases.includes(codename))
    throw new Unavailable(name, 'this is no Debian');
  const lists = await readdir('/etc/apt/sources.list.d').catch(() => []);
  const files = ['sources.list', ...lists.map((file) => `sources.list.d/${file}`)];
  for (const file of files.filter((one) => /\.(list|sources)$/.test(one))) {
    const text = await readFile(join('/etc/apt', file), 'utf8').catch(() => '');
    for (const entry of file.endsWith('.list') ? text.split('\n') : text.split(/\n\s*\n/)) {
      const line = new RegExp(`^deb\\s+(\\[[^\\]]*\\]\\s+)?(\\S+)\\s+${codename}\\s`, 'm').exec(entry);
      const stanza = new RegExp(`^Suites:.*\\b${codename}(\\s|$)`, 'm').test(entry);
      const mirror = line?.[2] ?? (stanza ? /^URIs:\s*(\S+)/m.exec(entry)?.[1] : undefined);
      if (mirror === undefined) continue;
      const keyring = /signed-by[:=]\s*([^\s\]]+)/i.exec(entry)?.[1];
      return { codename, mirror, keyring: keyring ?? '/usr/share/keyrings/debian-archive-keyring.gpg' };
    }
  }
  throw new Unavailable(name, `apt has no source of ${codename}`);
};

/** Options of apt-get by which it sees one suite only and keeps everything in the folder. */
const privateApt = async (
  folder: string,
  suite: string,
  mirror: string,
  keyring: string,
): Promise<readonly string[]> => {
  const [lists, archives] = [join(folder, suite, 'lists'), join(folder, suite, 'archives')];
  await mkdir(join(lists, 'partial'), { recursive: true });
  await mkdir(join(archives, 'partial'), { recursive: true });
  const sources = join(folder, suite, 'suite.list');
  await writeFile(sources, `deb [signed-by=${keyring}] ${mirror} ${suite} main\n`);
  return [
    ['Dir::Etc::sourcelist', sources],
    ['Dir::Etc::sourceparts', '/dev/null'],
    ['Dir::State::lists', lists],
    ['Dir::State::status', '/dev/null'],
    ['Dir::Cache', join(folder, suite)],
    ['Dir::Cache::archives', archives],
    // The user who fetches need not be able to enter this folder.
    ['APT::Sandbox::User', ''],
    ['Acquire::Languages', 'none'],
  ].flatMap(([key, value]) => ['-o', `${key}=${value}`]);
};
