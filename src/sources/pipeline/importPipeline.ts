import { stat } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import type { PipelineSettings } from '../../config/pipelineSettings.js';
import type { OwnPipeline } from '../../streams/ownPipeline.js';
import { packageEntry } from './packageEntry.js';
import { PipelineError } from './pipelineError.js';

const usage = 'Export a function: `export default (stock) => stock.all;` (docs/library.md)';

/**
 * Imports a module with a chain of one's own. A file that has changed is imported anew; what it imports itself is as it was, for
 * Node keeps modules until its end.
 *
 * @returns what it exports. Rejects with a {@link PipelineError}
 */
export const importPipeline = async ({ name, path, from }: PipelineSettings): Promise<OwnPipeline> => {
  let url: URL | undefined;
  let exported: { readonly default?: unknown; readonly around?: unknown };
  try {
    const file = path ?? packageEntry(name, from);
    url = pathToFileURL(file);
    const { mtimeMs, size } = await stat(file);
    exported = (await import(`${url.href}?v=${mtimeMs}-${size}`)) as typeof exported;
  } catch (error) {
    throw unusable(name, url, error);
  }
  const { default: calls, around } = exported;
  const refuse = (why: string): never => {
    throw new PipelineError(name, why, usage);
  };
  if (calls === undefined && around === undefined)
    refuse('it has neither a default export nor one named `around`');
  for (const [what, value] of Object.entries({ 'its default export': calls, '`around`': around }))
    if (value !== undefined && typeof value !== 'function') refuse(`${what} is no function`);
  return { calls, around } as OwnPipeline;
};

const unusable = (name: string, url: URL | undefined, cause: unknown): PipelineError => {
  const error: NodeJS.ErrnoException = cause instanceof Error ? cause : new Error(String(cause));
  const { code, message, stack } = error;
  const at = url === undefined ? undefined : lineIn(stack ?? '', url.href);
  const why = `${at === undefined ? '' : `line ${at}: `}${withoutAddresses(message)}`;
  if (code === 'MODULE_NOT_FOUND' || code === 'ERR_MODULE_NOT_FOUND')
    return new PipelineError(
      name,
      why,
      'Install what is missing (npm install) in the folder of the module',
      cause,
    );
  if (code === 'ENOENT')
    return new PipelineError(
      name,
      'there is no such file',
      'Name a path that starts at the folder of the configuration',
      cause,
    );
  return new PipelineError(name, why, 'Mend the module; `sluice check` tries it', cause);
};

/** Where in a file an error was thrown, or its syntax is wrong. */
const lineIn = (stack: string, href: string): string | undefined => {
  const at = stack.indexOf(href);
  return at < 0 ? undefined : /:(\d+)/.exec(stack.slice(at + href.length))?.[1];
};

/** Node's own messages end in a list of what was required, a line each. */
const withoutAddresses = (message: string): string => message.split('\n', 1)[0] ?? message;
