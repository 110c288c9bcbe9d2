import { fstat, stat } from 'node:fs';

/** What somebody else has done to a file that is open. */
export type Loss = 'removed' | 'replaced' | 'emptied';

/**
 * Looks whether an open file is still what its path names, and as long as it was.
 *
 * @param size what was written to it, in bytes
 * @param told gets undefined for a file that is what it was, and for one of which nothing can be known
 */
export const lostFile = (
  fd: number,
  path: string,
  size: number,
  told: (loss: Loss | undefined) => void,
): void => {
  fstat(fd, (failure, own) => {
    if (failure !== null || !own.isFile()) return told(undefined);
    stat(path, (error, named) => {
      if (error !== null) return told(error.code === 'ENOENT' ? 'removed' : undefined);
      if (named.ino !== own.ino || named.dev !== own.dev) return told('replaced');
      told(own.size < size ? 'emptied' : undefined);
    });
  });
};
