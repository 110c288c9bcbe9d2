import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Report } from './report.js';

/** A file of keys or certificates, with room for comments. */
const maxFileBytes = 1024 * 1024;

/** Reads what a configuration names, and remembers what it has read: it is to be looked at again when it changes. */
export interface NeededFiles {
  /**
   * The text of a file.
   *
   * @param pointer of the value that names it
   * @param what it should hold, as the remedy says it
   * @returns undefined for what can't be used, which the report then says; never a word of what it holds
   */
  read(pointer: string, file: string, what: string): string | undefined;
  /** As `read`; a file that is not there is an empty one, until it comes. */
  readIfThere(pointer: string, file: string, what: string): string | undefined;
  /** Sees that a file is there; what it holds is read by somebody else. */
  expect(pointer: string, file: string, remedy: string): void;
  /** A path in the configuration, absolute. */
  locate(file: string): string;
  /** Absolute paths. */
  readonly paths: readonly string[];
}

/** @param baseDir what relative paths start from */
export const neededFiles = (baseDir: string, report: Report): NeededFiles => {
  const paths: string[] = [];
  const locate = (file: string): string => resolve(baseDir, file);
  const reading =
    (mayMiss: boolean): NeededFiles['read'] =>
    (pointer, file, what) => {
      const path = locate(file);
      paths.push(path);
      const refuse = (why: string): undefined =>
        void report.add(
          pointer,
          `The file ${why}`,
          `Name a file with ${what}, that only the gateway may read`,
        );
      try {
        const { size, isFile } = fileFacts(path);
        // A device or a pipe would never end.
        if (!isFile) return void refuse('is no regular file');
        if (size > maxFileBytes) return void refuse('is longer than 1 MiB');
        return readFileSync(path, 'utf8');
      } catch (error) {
        const { code = 'unknown reason' } = error as NodeJS.ErrnoException;
        if (code === 'ENOENT' && mayMiss) return '';
        return void refuse(code === 'ENOENT' ? 'does not exist' : `can not be read (${code})`);
      }
    };
  const expect: NeededFiles['expect'] = (pointer, file, remedy) => {
    const path = locate(file);
    paths.push(path);
    if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true)
      report.add(pointer, 'There is no such file', remedy);
  };
  return { paths, locate, expect, read: reading(false), readIfThere: reading(true) };
};

const fileFacts = (path: string): { readonly size: number; readonly isFile: boolean } => {
  const facts = statSync(path);
  return { size: facts.size, isFile: facts.isFile() };
};
