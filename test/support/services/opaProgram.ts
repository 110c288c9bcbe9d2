import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './run.js';
import { serviceCache } from './serviceCache.js';
import { Unavailable } from './unavailable.js';

const version = 'v1.22.2';

/** The `opa` program, built once from its source by Go's own tool and checked by its sum database. */
export const opaProgram = async (): Promise<string> => {
  const folder = await serviceCache('opa');
  const program = join(folder, 'opa');
  try {
    await access(program);
    return program;
  } catch {
    // Not built yet.
  }
  try {
    await run('go', ['install', '-ldflags=-s -w', `github.com/open-policy-agent/opa@${version}`], {
      ms: 600_000,
      env: { GOBIN: folder },
    });
  } catch (error) {
    throw new Unavailable('Open Policy Agent', String(error));
  }
  return program;
};
