import { createHash, createHmac } from 'node:crypto';

/** Where a chain has come to: how many records it has, and the hash of the last one. */
export interface ChainEnd {
  readonly seq: number;
  readonly hash: string;
}

/** Before the first record. */
export const chainStart: ChainEnd = { seq: 0, hash: '0'.repeat(64) };

/** What the first record of a file says of it, so that files which were taken away are missed. */
export interface FileBeginning {
  /** Number of the file in its trail, from 1. */
  readonly file: number;
  /** How many files, from the first one on, rotation had removed by then. */
  readonly gone: number;
}

/** What a record says beside itself of where it stands in its file. */
export interface Standing {
  /** Of the first record of a file. */
  readonly begins?: FileBeginning | undefined;
  /** Length of the half record that stands before it, in UTF-16 units: what a killed process has left. */
  readonly afterHalf?: number | undefined;
}

/**
 * One record more: a JSON object as text, with its number, the hash of the one before it and its own.
 *
 * What is hashed is the text as it stands in the file, all but the hash itself: whoever checks it needs no rule for writing JSON.
 *
 * @param text a JSON object with at least one member
 * @param key with one, only who has it can make a chain anew (HMAC, RFC 2104); undefined for a bare SHA-256
 */
export const sealLine = (
  text: string,
  end: ChainEnd,
  key: Uint8Array | undefined,
  { begins, afterHalf }: Standing = {},
): { readonly line: string; readonly end: ChainEnd } => {
  const seq = end.seq + 1;
  const file = begins === undefined ? '' : `,"begins":{"file":${begins.file},"gone":${begins.gone}}`;
  const half = afterHalf === undefined ? '' : `,"after_half":${afterHalf}`;
  const body = `${text.slice(0, -1)}${file}${half},"seq":${seq},"prev":"${end.hash}"`;
  const hash = hashOf(body, key);
  return { line: `${body},"hash":"${hash}"}`, end: { seq, hash } };
};

/** The shape of what {@link sealLine} adds; bounded, and at the end of the line only. */
const tail = /^((.*),"seq":([0-9]{1,16}),"prev":"([0-9a-f]{64})"),"hash":"([0-9a-f]{64})"\}$/s;
/** Only a member of the record itself can stand at its end: of one deeper inside more braces are closed. */
const beginning = /,"begins":\{"file":([0-9]{1,9}),"gone":([0-9]{1,9})\}$/;
const halfBefore = /,"after_half":([0-9]{1,9})$/;

/** What a whole record says of its place. */
export interface Place extends ChainEnd, Standing {
  readonly prev: string;
  /** What its hash is made of. */
  readonly body: string;
}

/** What a line says of its place in the chain; undefined for one that is no whole record. */
export const placeOf = (line: string): Place | undefined => {
  const [, body, text, seq, prev, hash] = tail.exec(line) ?? [];
  if (body === undefined || text === undefined || prev === undefined || hash === undefined) return undefined;
  const [, file, gone] = beginning.exec(text) ?? [];
  const [, half] = halfBefore.exec(text) ?? [];
  return {
    body,
    seq: Number(seq),
    prev,
    hash,
    ...(file !== undefined && { begins: { file: Number(file), gone: Number(gone) } }),
    ...(half !== undefined && { afterHalf: Number(half) }),
  };
};

/**
 * What is wrong with a line that follows on `end`: undefined for nothing.
 *
 * @param end where the chain has come to; undefined where the line is the first that is left of it
 */
export const lineFault = (
  line: string,
  end: ChainEnd | undefined,
  key: Uint8Array | undefined,
): LineFault | undefined => {
  const place = placeOf(line);
  if (place === undefined) return 'incomplete';
  if (hashOf(place.body, key) !== place.hash) return 'changed';
  if (end === undefined) return undefined;
  if (place.seq !== end.seq + 1) return place.seq > end.seq ? 'removed' : 'repeated';
  return place.prev === end.hash ? undefined : 'replaced';
};

/** `incomplete`: not a whole record. `changed`: not as it was written. The others: not what followed on the one before. */
export type LineFault = 'incomplete' | 'changed' | 'removed' | 'repeated' | 'replaced';

const hashOf = (text: string, key: Uint8Array | undefined): string =>
  (key === undefined ? createHash('sha256') : createHmac('sha256', key)).update(text).digest('hex');
