import { resolve } from 'node:path';
import { check } from './check.js';
import { checkPipeline } from './checkPipeline.js';
import { ConfigError, type Diagnostic } from './configError.js';
import type { Env } from './expandEnv.js';
import { explain } from './explain.js';
import { fillOwnSecrets } from './fillOwnSecrets.js';
import { fillSecrets } from './fillSecrets.js';
import { inactiveKeys } from './inactive.js';
import { loadAdmin } from './loadAdmin.js';
import { loadAuth } from './loadAuth.js';
import { loadKeys } from './loadKeys.js';
import { loadTls } from './loadTls.js';
import { neededFiles } from './neededFiles.js';
import { notesOn } from './notes.js';
import { childPointer } from './pointer.js';
import { readYaml } from './readYaml.js';
import { report } from './report.js';
import type { Settings } from './settings.js';
import { toSettings } from './toSettings.js';
import { validate } from './validate.js';

export interface LoadOptions {
  /** The file's name, as messages should show it. */
  readonly file: string;
  /** Where `${NAME}` is looked up. */
  readonly env: Env;
  /** What relative paths in the file start from: its folder. */
  readonly baseDir: string;
}

/**
 * YAML → {@link Settings}: parse, expand the environment, check against the schema, check what a schema can't say, fill in defaults.
 *
 * Nothing is read or connected but the text that is given and the files of keys and certificates that it names.
 *
 * @throws ConfigError with everything that is wrong, each with line, column and remedy; it shows no value of the environment
 */
export const loadSettings = (text: string, { file, env, baseDir }: LoadOptions): Settings => {
  const { tree, diagnostics } = readYaml(text, { file, env });
  const { config: written, errors } = validate(tree);

  const wrong = new Set(tree.broken);
  const explained: Diagnostic[] = [];
  for (const error of errors) {
    // What could not be expanded is reported already; of several errors about one value, the first says it best.
    const pointer =
      error.keyword === 'additionalProperties'
        ? childPointer(error.instancePath, String(error.params['additionalProperty']))
        : error.instancePath;
    const known = error.keyword !== 'required' && wrong.has(pointer);
    if (!known) explained.push(explain(error, tree));
    wrong.add(pointer);
  }

  const found = report(tree, wrong);
  const files = neededFiles(baseDir, found);
  const config = fillOwnSecrets(fillSecrets(written, files, found), files, found);
  check(config, found);
  if (found.sound('/pipeline')) checkPipeline(config, files);
  const keys = loadKeys(config, files, found);
  const tls = loadTls(config, files, found);
  const auth = loadAuth(config, files, found);
  const admin = loadAdmin(config, files, found);
  const all = [...diagnostics, ...explained, ...found.diagnostics];
  if (all.length > 0) throw new ConfigError(all);
  return toSettings(config, {
    baseDir: resolve(baseDir),
    env,
    inactive: inactiveKeys(tree, config),
    notes: notesOn(tree, config, { env, baseDir, apiKeys: auth?.apiKeys, mtls: auth?.mtls }),
    keys,
    tls,
    auth,
    admin,
    files: files.paths,
  });
};
