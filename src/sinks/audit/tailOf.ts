import { fstatSync, readSync } from 'node:fs';

/** What an open file ends with, at most so many bytes: files may be larger than a text can be. */
export const tailOf = (fd: number, maxBytes: number): string => {
  const { size } = fstatSync(fd);
  const buffer = Buffer.alloc(Math.min(size, maxBytes));
  readSync(fd, buffer, 0, buffer.length, size - buffer.length);
  return buffer.toString('utf8');
};
