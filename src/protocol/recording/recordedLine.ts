import type { JsonRpcError, Params, RequestId, Result } from '../jsonrpc.js';

/** The version of the format that is written, and the newest that can be read. */
export const recordingVersion = 1;

/** The first line of each file. */
export interface RecordingHeader {
  readonly kind: 'recording';
  readonly version: number;
  /** The same in all files of one recording; of several workers each makes its own. */
  readonly id: string;
  /** From 1: which of its files this is. */
  readonly part: number;
  /** What `t` counts from, in all parts: ISO 8601. */
  readonly started_at: string;
  /** The release of the gateway. */
  readonly release: string;
  /** The share of sessions that was recorded. */
  readonly sample: number;
  /** What is not to be compared when it is replayed: JSON paths into an answer. */
  readonly ignore?: readonly string[];
}

/** Milliseconds from the beginning of the recording, and which call of it this is about. */
interface OfCall {
  readonly t: number;
  readonly n: number;
}

/** Something a client sent. */
export interface RecordedCall extends OfCall {
  readonly kind: 'call';
  /** What belongs together and keeps its order: a session (`s:`), a connection (`c:`), or a caller without either (`u:`). Digests. */
  readonly lane: string;
  readonly transport: 'http' | 'websocket' | 'sse' | 'stdio' | 'in-process';
  readonly namespace?: string;
  /** The revision of MCP. */
  readonly revision: string;
  /** Undefined for a notification. */
  readonly id?: RequestId;
  /** Of JSON-RPC, or `$/stream` (GET) and `$/end` (DELETE, or the end of a connection). */
  readonly method: string;
  readonly params?: Params;
  /** The media types that the client took for an answer; undefined for both. */
  readonly accept?: string;
  /** `Mcp-Param-*`, names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Something was taken out: its answer may be another one. */
  readonly redacted?: true;
  /** All its params were left out: it can't be sent again. */
  readonly withheld?: true;
}

/** Something the client was told on the way to the answer. */
export interface RecordedNotification extends OfCall {
  readonly kind: 'notification';
  readonly method: string;
  readonly params?: Params;
  readonly redacted?: true;
}

/** Something the client was asked for. */
export interface RecordedAsk extends OfCall {
  readonly kind: 'ask';
  /** From 1: which question of this call. */
  readonly ask: number;
  readonly method: string;
  readonly params?: Params;
  readonly redacted?: true;
}

/** What the client answered to that. */
export interface RecordedReply extends OfCall {
  readonly kind: 'reply';
  readonly ask: number;
  readonly result?: Result;
  readonly error?: JsonRpcError;
  readonly redacted?: true;
}

/** The answer, as its client's revision writes it. */
export interface RecordedAnswer extends OfCall {
  readonly kind: 'answer';
  readonly result?: Result;
  readonly error?: JsonRpcError;
  /** Of HTTP, where it was not 200. */
  readonly status?: number;
  readonly redacted?: true;
  /** A rule kept it from the recording. */
  readonly withheld?: true;
}

/** The last of a call. */
export interface RecordedEnd extends OfCall {
  readonly kind: 'end';
  /** As in the audit trail. */
  readonly outcome: string;
  /** How much of it found no room in the recording. */
  readonly lost?: number;
}

/** A line that is about a call. Published, with the header, as schema/recording.schema.json. */
export type RecordedLine =
  RecordedCall | RecordedNotification | RecordedAsk | RecordedReply | RecordedAnswer | RecordedEnd;
