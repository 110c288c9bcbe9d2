import { createRequire } from 'node:module';

/** This package's version, from its package.json. */
export const ownVersion: string = (
  createRequire(import.meta.url)('../../package.json') as { readonly version: string }
).version;
