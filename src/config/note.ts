import type { ApiKeySettings, MtlsSettings } from './authSettings.js';
import type { Env } from './expandEnv.js';

/** Something that is allowed and may yet surprise. */
export interface Note {
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** Notes something about the value (or the key) at a pointer. */
export type Say = (pointer: string, message: string, at?: 'key' | 'value') => void;

/** What notes depend on besides the file. */
export interface Surroundings {
  readonly env: Env;
  /** What relative paths start from. */
  readonly baseDir: string;
  /** Undefined where keys are no way in. */
  readonly apiKeys: readonly ApiKeySettings[] | undefined;
  /** Undefined where certificates are none. */
  readonly mtls: MtlsSettings | undefined;
}
