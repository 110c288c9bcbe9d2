import { createHash } from 'node:crypto';
import { canonicalJson } from './canonicalJson.js';
import type { Params } from './jsonrpc.js';
import { noState } from './noState.js';
import type { Secrets } from './sealer.js';
import { timedSeal } from './timedSeal.js';

/** What a `requestState` stands for between two rounds of a call. */
export interface CallState {
  /** Who was asked: nobody else may answer. */
  readonly principalId: string;
  readonly server: string;
  readonly method: string;
  /** Of what the client asked for: a retry is the same request (see {@link requestDigest}). */
  readonly digest: string;
  /** The server's own `requestState`, to be given back byte by byte; undefined if it sent none. */
  readonly upstream?: string;
  /** The parked call to go on with, for servers of the 2025 era. */
  readonly parked?: string;
}

/** Seals and opens the `requestState` of calls that go several rounds (2026-07-28: basic/patterns/mrtr). */
export interface StateSeal {
  /** An opaque text that only this gateway can read or make. */
  seal(state: CallState): string;
  /** What was sealed. Throws `ERR_STATE_INVALID` for a text that was altered, made by others, or is too old. */
  open(text: string): CallState;
}

export interface StateSealOptions {
  readonly keys: Secrets;
  /** How long a client may take to answer, in milliseconds. */
  readonly ttlMs: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Sealed by {@link timedSeal}. */
export const stateSeal = ({ keys, ttlMs, now }: StateSealOptions): StateSeal => {
  const { seal, open } = timedSeal<CallState>({ keys, purpose: 'sluice request state', ttlMs, now });
  return {
    seal,
    open(text) {
      const state = open(text);
      if (state === undefined) throw noState();
      return state;
    },
  };
};

/** A digest of what a client asked for: method, target and arguments, but not the answers and state of a round. */
export const requestDigest = (method: string, params: Params): string =>
  createHash('sha256')
    .update(method)
    .update(
      canonicalJson({ ...params, _meta: undefined, inputResponses: undefined, requestState: undefined }),
    )
    .digest('base64url');
