import type { RequestId } from '../../protocol/jsonrpc.js';

/** What the cluster has of one stream, besides its sealed parts. */
export interface StoredHead {
  /** The instance that sends it. */
  readonly holder: string;
  readonly answers?: RequestId | undefined;
  /** The newest position, and the newest that had to make room. */
  readonly last: number;
  readonly dropped: number;
  readonly ended: boolean;
  /** Where its sealed parts begin, the oldest first. */
  readonly parts: readonly number[];
}

/** Events that follow each other: the position of the first, and their texts. */
export interface Run {
  readonly from: number;
  readonly data: readonly string[];
}

/** A head and the events that are not sealed yet. */
export interface StoredStream extends StoredHead {
  readonly tail: Run;
}

/**
 * The text under which a stream is stored: a line of JSON, then a line for each event, as it is. JSON texts have no line breaks,
 * and one inside of another would have all its quotes escaped.
 */
export const keptStream = {
  write: ({ tail, ...head }: StoredStream): string =>
    [JSON.stringify({ ...head, from: tail.from }), ...tail.data].join('\n'),
  read(text: string): StoredStream {
    const [first = '', ...data] = text.split('\n');
    const { from, ...head } = JSON.parse(first) as StoredHead & { readonly from: number };
    return { ...head, tail: { from, data } };
  },
  /** A sealed part. */
  writePart: ({ from, data }: Run): string => [from, ...data].join('\n'),
  readPart(text: string): Run {
    const [from, ...data] = text.split('\n');
    return { from: Number(from), data };
  },
} as const;
