import { spawn } from 'node:child_process';
import type { RequestId } from '../../../protocol/jsonrpc.js';
import { maxMessageDepth } from '../../../protocol/parseJson.js';
import { parseListed } from '../../../protocol/parseListed.js';
import type { Log } from '../../../streams/log.js';
import { processGroups } from './processGroups.js';
import { readLines } from './readLines.js';
import { safeEnvironment } from './safeEnvironment.js';

/** Steps of a shutdown (3.14): how long each is waited for, in milliseconds. */
const stepMs = 1500;
/** How long the pipes of an ended process may take to run dry, in milliseconds. */
const drainMs = 500;
/** Most bytes that may wait for a child that does not read its stdin. */
const maxUnread = 16 * 1024 * 1024;
/** Longest line of stderr that is logged, and longest excerpt of anything else, in characters. */
const maxLogged = 2000;
/** Warnings about a stdout that is not the protocol's alone: at most this many a minute. */
const maxWarnings = 5;

export interface ChildOptions {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly maxMessageBytes: number;
  readonly log: Log;
}

/** Takes what a child says and does. */
export interface ChildTaker {
  /** A line of stdout, parsed. */
  message(message: unknown): void;
  /** A message was too large; its id, where it could be made out. */
  tooLarge(id: number | undefined): void;
  /** A request of the server's was too large: it waits for an answer to this id. */
  askedTooMuch(id: RequestId): void;
  /** The process has ended, or could not be started. Called once, last. */
  ended(reason: Readonly<Record<string, unknown>>): void;
}

/** One process. */
export interface Child {
  /** Sends a message; false when it can't take one: it has ended, or does not read. */
  write(message: unknown): boolean;
  /** Shuts it down: stdin closed, SIGTERM, SIGKILL, with a pause before each next step. Resolves when it is gone. */
  end(): Promise<void>;
}

/** Starts a process that speaks newline-delimited JSON on stdin and stdout, in a process group of its own. */
export const startChild = (options: ChildOptions, taker: ChildTaker): Child => {
  const { name, log } = options;
  const child = spawn(options.command, [...options.args], {
    cwd: options.cwd,
    env: safeEnvironment(options.env),
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: process.platform !== 'win32',
    windowsHide: true,
  });
  const { pid } = child;
  if (pid !== undefined) processGroups.add(pid);

  let report: ((reason: Readonly<Record<string, unknown>>) => void) | undefined;
  const gone = new Promise<void>((resolve) => {
    report = (reason) => {
      report = undefined;
      resolve();
      taker.ended(reason);
    };
  });
  child.once('error', (err) => pid === undefined && report?.({ err }));
  child.once('exit', (code, signal) => {
    if (pid !== undefined) processGroups.clear(pid);
    // The last answers may still be in the pipe; a grandchild that kept it open shall not hold this up.
    const timer = setTimeout(() => report?.({ code, signal }), drainMs);
    child.once('close', () => {
      clearTimeout(timer);
      report?.({ code, signal });
    });
  });
  // Its end is told by the process; EPIPE only says the same.
  child.stdin.on('error', (err) => log.debug({ server: name, err }, 'the stdin of the server broke'));

  const warn = limited((fields: Readonly<Record<string, unknown>>, message: string) =>
    log.warn({ server: name, ...fields }, message),
  );
  child.stdout.on(
    'data',
    readLines(options.maxMessageBytes, {
      line(text) {
        const message = parse(text);
        if (message !== undefined) taker.message(message);
        else warn({ line: text.slice(0, 200) }, 'the server writes to stdout what is no message; ignored');
      },
      overlong(head, tail) {
        warn({ limit: options.maxMessageBytes }, 'the server sent a message that is too large');
        // What the server asks or tells answers nobody: no call fails for it.
        if (!isCallBy(head)) return void taker.tooLarge(idOf(head, tail));
        const asked = requestIdOf(head, tail);
        if (asked !== undefined) taker.askedTooMuch(asked);
      },
    }),
  );
  child.stderr.on(
    'data',
    readLines(64 * 1024, {
      line: (text) => log.debug({ server: name, stderr: text.slice(0, maxLogged) }, 'the server says'),
      overlong: (head) => log.debug({ server: name, stderr: head }, 'the server says'),
    }),
  );

  const within = (ms: number): Promise<boolean> => {
    let timer: NodeJS.Timeout;
    const late = new Promise<boolean>((resolve) => (timer = setTimeout(() => resolve(false), ms)));
    return Promise.race([gone.then(() => true), late]).finally(() => clearTimeout(timer));
  };
  return {
    write(message) {
      if (report === undefined || !child.stdin.writable || child.stdin.writableLength > maxUnread)
        return false;
      child.stdin.write(`${JSON.stringify(message)}\n`);
      return true;
    },
    async end() {
      child.stdin.end();
      if (pid === undefined || (await within(stepMs))) return gone;
      processGroups.signal(pid, 'SIGTERM');
      if (await within(stepMs)) return;
      processGroups.signal(pid, 'SIGKILL');
      await gone;
    },
  };
};

/** A message, or several of them (batches of 2025-03-26), is an object or an array; a word or a number is output gone astray. */
const parse = (text: string): unknown => {
  const value = parseListed(text, maxMessageDepth);
  return typeof value === 'object' && value !== null ? value : undefined;
};

/** Whether a message is a request or a notification of the server's, by its beginning alone. */
const isCallBy = (head: string): boolean =>
  /^\{\s*(?:"jsonrpc"\s*:\s*"2\.0"\s*,\s*)?(?:"id"\s*:\s*(?:\d+|"[^"]*")\s*,\s*)?"method"\s*:/.test(head);

/** The id of an answer by its ends alone: implementations write it second or last. An `id` inside of it is not its own. */
const idOf = (head: string, tail: string): number | undefined => {
  const found =
    /^\{(?:"jsonrpc":"2\.0",)?"id":(\d+),(?:"jsonrpc":"2\.0",)?"(?:result|error)":/.exec(head) ??
    (/^\{(?:"jsonrpc":"2\.0",)?"(?:result|error)":/.test(head)
      ? /"id":(\d+)(?:,"jsonrpc":"2\.0")?\}$/.exec(tail)
      : null);
  return found === null ? undefined : Number(found[1]);
};

/** The id of a request by its ends alone; undefined for a notification, or where the id stands in the middle. */
const requestIdOf = (head: string, tail: string): RequestId | undefined => {
  const found =
    /^\{\s*(?:"jsonrpc"\s*:\s*"2\.0"\s*,\s*)?"id"\s*:\s*(\d+|"(?:[^"\\]|\\.)*")\s*,/.exec(head) ??
    // An object that ends right after its id is the message itself.
    /[{,]\s*"id"\s*:\s*(\d+|"[^"\\]*")\s*(?:,\s*"jsonrpc"\s*:\s*"2\.0"\s*)?\}$/.exec(tail);
  return found?.[1] === undefined ? undefined : (JSON.parse(found[1]) as RequestId);
};

const limited = <A extends readonly unknown[]>(act: (...args: A) => void): ((...args: A) => void) => {
  let since = -Infinity;
  let count = 0;
  return (...args) => {
    const now = Date.now();
    if (now - since > 60_000) [since, count] = [now, 0];
    if (++count <= maxWarnings) act(...args);
  };
};
