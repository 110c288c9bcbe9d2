import { closeSync, fdatasync, fstatSync, mkdirSync, openSync, renameSync, write } from 'node:fs';
import { dirname } from 'node:path';
import type { AuditSink } from './auditSink.js';
import { tailOf } from './tailOf.js';

export interface LineFileOptions {
  readonly path: string;
  /** An open descriptor to write to in place of the path: a pipe or a terminal, that is neither put aside nor closed. */
  readonly fd?: number;
  /** A file that has reached this size is put aside as `path.1`, in bytes. */
  readonly maxBytes: number;
  /** How many are kept aside, at least one; the oldest goes. */
  readonly keep: number;
  /** What waits to be written at most, in bytes: beyond it nothing more is taken. */
  readonly maxPendingBytes: number;
  /** Told when writing has begun to fail, and when it works again. */
  readonly onState: (failure: NodeJS.ErrnoException | undefined) => void;
}

/** How long lines wait for company before they are written, in milliseconds. */
const batchMs = 100;
/** How long until a failed write is tried again, in milliseconds. */
const againMs = 1000;
/** The same for a pipe that is full: its reader is slow, and nothing is wrong. */
const fullMs = 50;

/**
 * A file that lines are appended to, in batches, without holding anybody up. What has been written is on disk within a second, so
 * far as the operating system can be told (`fdatasync`).
 */
export class LineFile implements AuditSink {
  readonly #options: LineFileOptions;
  #fd: number;
  #size: number;
  #pending: string[] = [];
  #pendingBytes = 0;
  #timer: NodeJS.Timeout | undefined;
  /** Bytes that are on their way. */
  #writing: Buffer | undefined;
  #failed = false;
  #idle: (() => void) | undefined;

  /** @throws what opening the file throws */
  constructor(options: LineFileOptions) {
    this.#options = options;
    if (options.fd === undefined) mkdirSync(dirname(options.path), { recursive: true });
    this.#fd = options.fd ?? open(options.path);
    this.#size = fstatSync(this.#fd).size;
    if (options.fd !== undefined) return;
    // Whoever was killed while it wrote has left half a line: the next one begins on its own.
    const end = this.tail(1);
    if (end !== '' && end !== '\n') this.append('');
  }

  /** Whether the next line would be taken. */
  get hasRoom(): boolean {
    return this.fill < 1;
  }

  get fill(): number {
    return this.#pendingBytes / this.#options.maxPendingBytes;
  }

  get waitingBytes(): number {
    return this.#pendingBytes;
  }

  /** What the file ends with, at most so many bytes. */
  tail(maxBytes: number): string {
    return tailOf(this.#fd, maxBytes);
  }

  /** Takes a line without its line break; it is written soon. */
  append(line: string): void {
    const text = `${line}\n`;
    this.#pending.push(text);
    this.#pendingBytes += Buffer.byteLength(text);
    if (this.#writing === undefined) this.#timer ??= setTimeout(() => this.#flush(), batchMs);
  }

  /** Resolves when all that was taken is on disk, or can't get there; nothing is taken after that. */
  async close(): Promise<void> {
    const written = new Promise<void>((resolve) => (this.#idle = resolve));
    // What waits is tried once more, and at once.
    const waits = this.#timer !== undefined;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#writing === undefined) this.#flush();
    else if (waits) this.#write(this.#writing);
    await written;
    if (this.#options.fd === undefined) closeSync(this.#fd);
  }

  #flush(): void {
    this.#timer = undefined;
    if (this.#pending.length === 0) return this.#rest();
    this.#writing = Buffer.from(this.#pending.join(''));
    this.#pending = [];
    this.#write(this.#writing);
  }

  #write(bytes: Buffer): void {
    write(this.#fd, bytes, (error, count) => {
      const written = error === null ? count : 0;
      const left = bytes.subarray(written);
      this.#size += written;
      this.#pendingBytes -= written;
      if (error !== null) return this.#retry(left, error);
      if (left.length > 0) return this.#write(left);
      if (this.#options.fd !== undefined) return this.#written();
      fdatasync(this.#fd, (failure) => (failure === null ? this.#written() : this.#retry(left, failure)));
    });
  }

  #written(): void {
    if (this.#failed) this.#options.onState(undefined);
    this.#failed = false;
    this.#writing = undefined;
    if (this.#size >= this.#options.maxBytes && this.#options.fd === undefined) this.#rotate();
    if (this.#idle !== undefined) return this.#flush();
    if (this.#pending.length > 0) this.#timer = setTimeout(() => this.#flush(), batchMs);
  }

  #retry(left: Buffer, error: NodeJS.ErrnoException): void {
    const isFull = error.code === 'EAGAIN';
    if (!this.#failed && !isFull) this.#options.onState(error);
    this.#failed ||= !isFull;
    // Who closes does not wait for a disk that may never have room again.
    if (this.#idle !== undefined) return this.#rest();
    this.#writing = left;
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        this.#write(left);
      },
      isFull ? fullMs : againMs,
    );
  }

  #rest(): void {
    this.#writing = undefined;
    this.#idle?.();
  }

  #rotate(): void {
    const { path, keep } = this.#options;
    try {
      for (let index = keep - 1; index >= 1; index--) move(`${path}.${index}`, `${path}.${index + 1}`);
      move(path, `${path}.1`);
      const next = open(path);
      closeSync(this.#fd);
      this.#fd = next;
      this.#size = 0;
    } catch (error) {
      // It grows beyond its size rather than lose a line.
      this.#options.onState(error as NodeJS.ErrnoException);
      this.#failed = true;
    }
  }
}

/** For its owner alone: records name people. */
const open = (path: string): number => openSync(path, 'a+', 0o600);

const move = (from: string, to: string): void => {
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
};
