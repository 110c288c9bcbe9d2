import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';

/** Puts a new file in the place of another, which only its owner may read: whoever looks sees the old one or the new one, whole. */
export const replaceFile = async (path: string, text: string): Promise<void> => {
  const fresh = `${path}.${randomBytes(6).toString('hex')}`;
  const file = await open(fresh, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(fresh, path).catch(async (error: unknown) => {
    await rm(fresh, { force: true });
    throw error;
  });
};
