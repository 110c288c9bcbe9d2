import type { Profile } from '../replay/profileLines.js';

/** What `sluice replay` was told. */
export interface ReplayFlags {
  readonly to: string;
  readonly header: Readonly<Record<string, string>>;
  readonly sseUrl?: string;
  /** `Infinity` for as fast as can be. */
  readonly rate: number;
  readonly users: number;
  /** True for without end. */
  readonly loop?: number | true;
  readonly concurrency: number;
  /** Milliseconds. */
  readonly timeout: number;
  readonly ignore: readonly string[];
  readonly baseline?: string;
  /** A share. */
  readonly tolerance: number;
  readonly json?: string;
  readonly junit?: string;
  readonly html?: string;
  readonly profile?: Profile;
  readonly perSecond: number;
  /** Milliseconds. */
  readonly duration: number;
  readonly call: readonly { readonly name: string; readonly arguments: Readonly<Record<string, unknown>> }[];
  readonly revision: string;
}
