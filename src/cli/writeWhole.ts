import { renameSync, rmSync, writeFileSync } from 'node:fs';

/** Writes a file so that whoever reads it meanwhile sees the old one or the new one, never half of one. */
export const writeWhole = (path: string, text: string): void => {
  const beside = `${path}.${process.pid}.new`;
  try {
    writeFileSync(beside, text, { flush: true });
    renameSync(beside, path);
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  }
};
