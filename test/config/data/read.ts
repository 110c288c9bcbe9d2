import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ConfigError, printDiagnostic } from '../../../src/config/configError.js';
import { loadSettings } from '../../../src/config/load.js';
import type { Settings } from '../../../src/config/settings.js';

type Env = Readonly<Record<string, string>>;

/** A document of this folder. */
export const data = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8');

/** Loads a document as if it were `/etc/sluice/g.yaml`. */
export const load = (text: string, env: Env = {}, baseDir = '/etc/sluice'): Settings =>
  loadSettings(text, { file: 'g.yaml', env, baseDir });

/** This folder, with the files that documents of it name. */
export const here = fileURLToPath(new URL('./', import.meta.url));

/** What is wrong with a document, a line each; empty when nothing is. */
export const faults = (text: string, env: Env = {}): string[] => {
  try {
    load(text, env);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.diagnostics.map(printDiagnostic);
    throw error;
  }
};
