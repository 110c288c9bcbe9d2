import { access, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './run.js';
import { serviceCache } from './serviceCache.js';
import { Unavailable } from './unavailable.js';

/** Releases of Debian, the newest first. */
const releases = ['forky', 'trixie', 'bookworm', 'bullseye', 'buster'];

/** A program that was unpacked rather than installed. */
export interface Unpacked {
  readonly program: string;
  /** What it needs in its environment to find the libraries that came with it. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * A program of a Debian package: fetched from the newest release that has it, from this one or an older one, together with the packages
 * it depends on and that this system has not, checked by apt against the archive's keyring, and unpacked into the cache. Nothing is
 * installed, root is not needed.
 *
 * @param path of the program inside the package
 */
export const debianPackage = async (name: string, path: string): Promise<Unpacked> => {
  const folder = await serviceCache(name);
  const root = join(folder, 'root');
  const program = join(root, path);
  const unpacked = async (): Promise<Unpacked> => ({
    program,
    env: { LD_LIBRARY_PATH: await libraries(root) },
  });
  if (await exists(program)) return unpacked();
  const { codename, mirror, keyring } = await ownSources(name);
  const failures: string[] = [];
  for (const suite of releases.slice(releases.indexOf(codename))) {
    try {
      const { options, archives } = await privateApt(folder, suite, mirror, keyring);
      await run('apt-get', [...options, 'update', '-q'], { ms: 180_000 });
      // What an older release needs besides can't be told from what this system has.
      const fetch =
        suite === codename
          ? ['install', '--download-only', '--no-install-recommends', '-yq', name]
          : ['download', name];
      await run('apt-get', [...options, ...fetch], { cwd: archives, ms: 180_000 });
      const debs = (await readdir(archives)).filter((file) => file.endsWith('.deb'));
      if (!debs.some((file) => file.startsWith(`${name}_`))) throw new Error('apt-get left no package');
      for (const deb of debs) await run('dpkg-deb', ['-x', join(archives, deb), root], { ms: 60_000 });
      return await unpacked();
    } catch (error) {
      failures.push(`${suite}: ${String(error)}`);
    }
  }
  throw new Unavailable(name, failures.join('; '));
};

/** Where packages put their libraries. */
const libraries = async (root: string): Promise<string> => {
  const folders = ['usr/lib', 'lib'].map((folder) => join(root, folder));
  const entries = await Promise.all(
    folders.map(async (folder) =>
      (await readdir(folder).catch(() => [])).map((entry) => join(folder, entry)),
    ),
  );
  return entries
    .flat()
    .filter((folder) => folder.endsWith('-linux-gnu'))
    .join(':');
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
): Promise<{ readonly options: readonly string[]; readonly archives: string }> => {
  const [lists, archives] = [join(folder, suite, 'lists'), join(folder, suite, 'archives')];
  await mkdir(join(lists, 'partial'), { recursive: true });
  await mkdir(join(archives, 'partial'), { recursive: true });
  const sources = join(folder, suite, 'suite.list');
  await writeFile(sources, `deb [signed-by=${keyring}] ${mirror} ${suite} main\n`);
  const options = [
    ['Dir::Etc::sourcelist', sources],
    ['Dir::Etc::sourceparts', '/dev/null'],
    ['Dir::State::lists', lists],
    ['Dir::Cache', join(folder, suite)],
    ['Dir::Cache::archives', archives],
    // The user who fetches need not be able to enter this folder.
    ['APT::Sandbox::User', ''],
    // Nothing is installed: there is nothing to lock, and those who are not root may not.
    ['Debug::NoLocking', '1'],
    ['Acquire::Languages', 'none'],
  ].flatMap(([key, value]) => ['-o', `${key}=${value}`]);
  return { options, archives };
};
