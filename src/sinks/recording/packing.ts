import * as zlib from 'node:zlib';
import type { Transform } from 'node:stream';

/** Something that makes bytes fewer, and can be told to give out what it has. */
export type Packer = Transform & { flush(done?: () => void): void };

/** Node has zstd from 22.15 on. */
const { createZstdCompress } = zlib as unknown as { readonly createZstdCompress?: () => Packer };

/** How recordings are packed here: zstd where this Node can, else gzip; both are read everywhere. */
export const packing: { readonly extension: 'zst' | 'gz'; readonly create: () => Packer } =
  createZstdCompress === undefined
    ? { extension: 'gz', create: () => zlib.createGzip() }
    : { extension: 'zst', create: createZstdCompress };
