import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline, type Transform } from 'node:stream';
import * as zlib from 'node:zlib';
import { zstdInJavaScript } from './zstdInJavaScript.js';

/** Node has zstd from 22.15 on; before that a slower one in JavaScript reads it. */
const { createZstdDecompress } = zlib as unknown as { readonly createZstdDecompress?: () => Transform };

/**
 * The bytes of a file; of one that is packed with zstd or gzip, as they were before. What it is packed with is seen by how it begins.
 *
 * @param read told how many bytes of the file have been read so far
 * @returns the bytes. One that ends in the middle (its writer was killed) gives what there is, and then errors
 */
export const unpacked = async (
  path: string,
  read: (bytes: number) => void,
): Promise<AsyncIterable<Uint8Array>> => {
  const unpack = unpackerOf(await beginningOf(path));
  const file = createReadStream(path);
  let bytes = 0;
  file.on('data', (chunk) => read((bytes += chunk.length)));
  file.pause();
  // Whoever reads the last of them is told of errors in any.
  return unpack === undefined ? file : pipeline(file, unpack, () => undefined);
};

const beginningOf = async (path: string): Promise<Buffer> => {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
};

const unpackerOf = (beginning: Buffer): Transform | undefined => {
  if (beginning.toString('hex') === '28b52ffd') return createZstdDecompress?.() ?? zstdInJavaScript();
  return beginning.toString('hex', 0, 2) === '1f8b' ? zlib.createGunzip() : undefined;
};
