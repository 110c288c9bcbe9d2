import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newApiKey } from '../../src/protocol/identity/apiKey.js';

/** A file of API keys, one for each user. */
export interface ApiKeysFile {
  readonly path: string;
  /** The headers by which a user says who he is. */
  of(user: string): Readonly<Record<'x-api-key', string>>;
  remove(): Promise<void>;
}

/** Writes it into a folder of its own. @param users name → tenant, where he has one */
export const apiKeysFile = async (
  users: Readonly<Record<string, string | undefined>>,
): Promise<ApiKeysFile> => {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-keys-test-'));
  const path = join(folder, 'keys.yaml');
  const made = Object.entries(users).map(([user, tenant]) => ({ user, tenant, ...newApiKey() }));
  const keys = made.map(({ user, tenant, hashed }) => ({ ...hashed, user, ...(tenant && { tenant }) }));
  await writeFile(path, JSON.stringify({ keys }));
  return {
    path,
    of(user) {
      const found = made.find((each) => each.user === user);
      if (found === undefined) throw new TypeError(`${user} has no key`);
      return { 'x-api-key': found.key };
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
};
