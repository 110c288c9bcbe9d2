import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { limits } from '../../config/limits.js';
import type { PolicyFiles } from './policyFiles.js';
import { PolicyFault } from './policyFault.js';

/** What `opa` takes from a folder. */
const taken = /\.rego$|^data\.(?:json|ya?ml)$/;

/**
 * A file, or all Rego and data of a folder.
 *
 * @returns rejects with a `PolicyFault` where it can't be read, is too large, or is empty
 */
export const readPolicyFiles = async (path: string): Promise<PolicyFiles> => {
  try {
    const isFolder = (await stat(path)).isDirectory();
    const paths = isFolder ? await inFolder(path) : [path];
    const files = new Map<string, Buffer>();
    let bytes = 0;
    for (const file of paths) {
      bytes += (await stat(file)).size;
      if (bytes > limits.opaBundleBytes)
        throw new PolicyFault(`\`${basename(path)}\` is larger than ${limits.opaBundleBytes} bytes`);
      files.set(isFolder ? relative(path, file) : basename(file), await readFile(file));
    }
    if (files.size === 0) throw new PolicyFault(`There is no Rego in the folder \`${basename(path)}\``);
    return files;
  } catch (error) {
    if (error instanceof PolicyFault) throw error;
    const { code = 'unknown reason' } = error as NodeJS.ErrnoException;
    throw new PolicyFault(
      code === 'ENOENT'
        ? `The file \`${basename(path)}\` does not exist`
        : `The file \`${basename(path)}\` can not be read (${code})`,
      { cause: error },
    );
  }
};

const inFolder = async (path: string): Promise<readonly string[]> => {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && taken.test(entry.name));
  if (files.length > limits.opaBundleFiles)
    throw new PolicyFault(`The folder \`${basename(path)}\` has more than ${limits.opaBundleFiles} files`);
  return files.map(({ parentPath, name }) => join(parentPath, name)).sort();
};
