import type { NeededFiles } from './neededFiles.js';
import type { RawConfig } from './schema.js';
import { toPipeline } from './toPipeline.js';

/** Sees to it that the file with a chain of one's own is there, and is looked at again when it changes. */
export const checkPipeline = (config: Pick<RawConfig, 'pipeline'>, files: NeededFiles): void => {
  const { pipeline } = toPipeline(config, files.locate('.'));
  if (pipeline?.path !== undefined)
    files.expect('/pipeline', pipeline.path, 'Name a module that exports a chain (docs/library.md)');
};
