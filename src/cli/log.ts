/** The program's log: one JSON object a line on stdout, or lines for people on a terminal. */
import { pino, type Logger, type LoggerOptions } from 'pino';
import { pinoPretty } from './prettyLog.js';
import { redactFields } from './redactFields.js';
import type { Screen } from './terminal.js';

export interface LogOptions {
  /** `debug`, `info`, `warn`, `error` or `silent`. */
  readonly level: string;
  /** `auto` is pretty on a terminal and JSON anywhere else. */
  readonly format: 'auto' | 'json' | 'pretty';
  /** Where to: stdout, unless that is for something else. */
  readonly fd?: 1 | 2;
  /** Other processes write to the same place: what is written at once is small enough not to be mixed with theirs. */
  readonly isShared?: boolean;
}

/** Lines wait for 64 KiB of company, but not longer than 200 ms: a write a line would cost more than the line. */
const batchLength = 64 * 1024;
const batchMs = 200;
/** What a pipe takes in one piece, whoever else writes to it: PIPE_BUF of Linux, in bytes. */
const pieceBytes = 4096;
/** When nobody reads the log any more, lines beyond this are dropped rather than kept in memory. */
const maxPendingBytes = 4 * 1024 * 1024;

let cachedMs = 0;
let cachedText = '';
/** Lines of the same millisecond share one formatted time: `toISOString` is the dearest part of a line. */
const timestamp = (): string => {
  const now = Date.now();
  if (now !== cachedMs) {
    cachedMs = now;
    cachedText = `,"timestamp":"${new Date(now).toISOString()}"`;
  }
  return cachedText;
};

const options = (level: string): LoggerOptions => ({
  level,
  base: null,
  messageKey: 'msg',
  timestamp,
  formatters: { level: (label) => ({ level: label }), log: redactFields },
});

/** True when log lines are written for people. */
export const isPretty = (format: LogOptions['format'], isTTY: boolean): boolean =>
  format === 'pretty' || (format === 'auto' && isTTY);

/**
 * Makes the log of a running gateway. Fields `timestamp` (ISO 8601), `level` (a word) and `msg`, then what the caller gives.
 *
 * JSON lines are written in batches; `flush(callback)` empties them, and so does the end of the process. A log whose reader
 * has gone is dropped and the gateway goes on serving.
 */
export const createLog = ({ level, format, fd = 1, isShared = false }: LogOptions): Logger => {
  const screen: Screen = fd === 1 ? process.stdout : process.stderr;
  if (isPretty(format, screen.isTTY === true)) return pino(options(level), pinoPretty(fd));
  const destination = pino.destination({
    fd,
    sync: false,
    maxLength: maxPendingBytes,
    ...(isShared && { maxWrite: pieceBytes }),
  });
  const batch = batched((lines) => destination.write(lines), isShared ? pieceBytes : batchLength);
  setInterval(batch.flush, batchMs).unref();
  process.once('exit', () => {
    batch.flush();
    destination.flushSync();
  });
  const stream = {
    write: batch.write,
    flush(done: (error?: Error) => void) {
      batch.flush();
      destination.flush(done);
    },
  };
  return pino(options(level), stream);
};

interface Batch {
  readonly write: (line: string) => void;
  readonly flush: () => void;
}

/**
 * Collects lines and hands them on in one piece. pino's own destination can wait too, but measures all that it holds anew with
 * every line: 20 µs a line at 64 KiB.
 */
const batched = (handOn: (lines: string) => void, length: number): Batch => {
  let lines = '';
  const flush = (): void => {
    if (lines === '') return;
    const full = lines;
    lines = '';
    handOn(full);
  };
  return {
    write(line) {
      // Where a character takes more than one byte it is cut by a line or two too late, and a write may be mixed with another's.
      if (lines.length + line.length > length) flush();
      lines += line;
    },
    flush,
  };
};
