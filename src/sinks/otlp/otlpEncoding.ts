import type { OtlpSettings } from '../../config/telemetrySettings.js';

/** How items of one signal are written, and what a collector's answer says of them. */
export interface OtlpEncoding<T> {
  /** @param settings say which of the two encodings, and what all is labelled with */
  encode(items: readonly T[], settings: OtlpSettings): Uint8Array;
  /** How many of them it has not taken: `partial_success`. */
  rejected(answer: Uint8Array): number;
}
