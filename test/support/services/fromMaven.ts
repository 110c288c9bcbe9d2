import { run } from './run.js';
import { Unavailable } from './unavailable.js';

/**
 * Has Maven fetch something from wherever the user's settings say, and put it into a folder.
 *
 * @param goal `copy` or `unpack`
 * @param artifact `group:artifact:version`, and the type if it is no jar
 */
export const fromMaven = async (
  service: string,
  goal: 'copy' | 'unpack',
  artifact: string,
  folder: string,
): Promise<void> => {
  const args = [`dependency:${goal}`, `-Dartifact=${artifact}`, `-DoutputDirectory=${folder}`];
  // The Maven of the tests has its own clean folder: without a project there is nothing to read.
  await run('mvn', ['-q', '-B', ...args], { cwd: folder, ms: 300_000 }).catch((error: unknown) => {
    throw new Unavailable(service, String(error));
  });
};
