/** A value of DER: its kind, and where its content begins and ends. */
export interface DerValue {
  readonly tag: number;
  readonly start: number;
  readonly end: number;
}

/**
 * Reads the head of a value (X.690, 8.1).
 *
 * @returns undefined where there is none; its end may lie behind that of the bytes
 */
export const derValue = (der: Buffer, at: number): DerValue | undefined => {
  const [tag, first] = [der[at], der[at + 1]];
  if (tag === undefined || first === undefined) return undefined;
  if (first < 0x80) return { tag, start: at + 2, end: at + 2 + first };
  const bytes = first & 0x7f;
  if (bytes === 0 || bytes > 4 || at + 2 + bytes > der.length) return undefined;
  const start = at + 2 + bytes;
  return { tag, start, end: start + der.readUIntBE(at + 2, bytes) };
};
