import { isRequest, type JsonRpcCall, type JsonRpcResponse } from '../../protocol/jsonrpc.js';
import { changeOpaque } from '../../protocol/recording/changeOpaque.js';
import { opaqueDigest } from '../../protocol/recording/opaqueDigest.js';
import type { RecordedLine } from '../../protocol/recording/recordedLine.js';

/** A call that somebody else has noted. */
export interface NotedCall {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly ms: number;
  readonly lane: string;
  readonly revision: string;
  readonly message: JsonRpcCall;
  readonly told?: readonly JsonRpcCall[];
  readonly response?: JsonRpcResponse | undefined;
  /** Of HTTP. */
  readonly status?: number | undefined;
}

/** Writes notes of others as the lines of a recording. */
export class LineBook {
  readonly #epoch: number;
  readonly #lines: RecordedLine[] = [];
  #count = 0;

  /** @param times of all calls, milliseconds since 1970 */
  constructor(times: readonly number[]) {
    this.#epoch = times.reduce((first, time) => Math.min(first, time), Infinity);
  }

  /** In the order of time. */
  get lines(): readonly RecordedLine[] {
    return [...this.#lines].sort((one, other) => one.t - other.t);
  }

  add({ at, ms, lane, revision, message, told = [], response, status }: NotedCall): void {
    const n = ++this.#count;
    const t = at - this.#epoch;
    const end = t + Math.max(ms, 0.001);
    const { method } = message;
    const params = changeOpaque(message.params, opaqueDigest);
    this.#lines.push({
      kind: 'call',
      t,
      n,
      lane,
      transport: 'http',
      revision,
      ...(isRequest(message) && { id: message.id }),
      method,
      ...(params !== undefined && { params }),
    });
    for (const { method: name, params: said } of told)
      this.#lines.push({ kind: 'notification', t: end, n, method: name, ...(said && { params: said }) });
    const isRefused = status !== undefined && status >= 400;
    if (response !== undefined || isRefused)
      this.#lines.push({
        kind: 'answer',
        t: end,
        n,
        ...(response !== undefined &&
          'result' in response && { result: changeOpaque(response.result, opaqueDigest) }),
        ...(response !== undefined && 'error' in response && { error: response.error }),
        ...(isRefused && { status }),
      });
    const isAnswered = response !== undefined || isRefused || !isRequest(message);
    this.#lines.push({ kind: 'end', t: end, n, outcome: isAnswered ? 'success' : 'cancelled' });
  }
}
