import { isAbsolute, resolve } from 'node:path';
import type { PipelineSettings } from './pipelineSettings.js';
import type { RawConfig } from './schema.js';

/** `pipeline`, its path absolute. What looks like a file is one, anything else the name of a package. */
export const toPipeline = (
  { pipeline }: Pick<RawConfig, 'pipeline'>,
  baseDir: string,
): { readonly pipeline?: PipelineSettings } => {
  if (pipeline === undefined) return {};
  const isFile =
    /^\.\.?\//.test(pipeline) || isAbsolute(pipeline) || /^(?!@)[^/]*\.[cm]?[jt]s$/.test(pipeline);
  return {
    pipeline: { name: pipeline, path: isFile ? resolve(baseDir, pipeline) : undefined, from: baseDir },
  };
};
