/**
 * Stands among the messages of a stream where its server has closed the connection on purpose, to be polled for the rest after
 * this many milliseconds (SEP-1699).
 */
export class LetGo {
  readonly retryMs: number;
  constructor(retryMs: number) {
    this.retryMs = retryMs;
  }
}
