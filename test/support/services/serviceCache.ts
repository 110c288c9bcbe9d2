import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * A folder for what services need (programs, packages), outside the repository and kept between runs: beneath
 * `SLUICE_SERVICES_CACHE`, or the user's cache folder.
 */
export const serviceCache = async (name: string): Promise<string> => {
  const { SLUICE_SERVICES_CACHE: own, XDG_CACHE_HOME: cache } = process.env;
  const folder = join(own ?? join(cache ?? join(homedir(), '.cache'), 'sluice-services'), name);
  await mkdir(folder, { recursive: true });
  return folder;
};
