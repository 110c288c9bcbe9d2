import {
  closeSync,
  existsSync,
  fdatasync,
  fstatSync,
  mkdirSync,
  openSync,
  renameSync,
  unlinkSync,
  write,
} from 'node:fs';
import { dirname } from 'node:path';
import type { AuditSink } from './auditSink.js';
import { lostFile, type Loss } from './lostFile.js';
import { tailOf } from './tailOf.js';

/**
 * Why a line is the first in its file, or the first of this process: `found`: the file is as it was at the start; `put_aside`: the one before
 * had reached its size; `lost`: somebody else has taken the one before away, or emptied it.
 */
export type Opening = 'found' | 'put_aside' | 'lost';
/** What is done to a line at last, when it is written. */
export type Seal = (line: string, opening: Opening | undefined) => string;

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
  /** See fileChain.ts; lines stay as they are without. */
  readonly seal?: Seal;
  /** Told that the file was taken away or emptied while it was written. Another has been opened by then. */
  readonly onLoss?: (loss: Loss) => void;
}

/** How long lines wait for company before they are written, in milliseconds. */
const batchMs = 100;
/** How long until a failed write is tried again, in milliseconds. */
const againMs = 1000;
/** The same for a pipe that is full: its reader is slow, and nothing is wrong. */
const fullMs = 50;
/** How often to look at most whether the file is still where it was, in milliseconds. */
const lookMs = 1000;

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
  /** What the next line is the first of. */
  #opening: Opening | undefined = 'found';
  #lookedAt = -Infinity;
  /** Whoever was killed while it wrote has left half a line: the next one begins on its own. */
  #isHalf = false;

  /** @throws what opening the file throws */
  constructor(options: LineFileOptions) {
    this.#options = options;
    if (options.fd === undefined) mkdirSync(dirname(options.path), { recursive: true });
    this.#fd = options.fd ?? open(options.path);
    this.#size = fstatSync(this.#fd).size;
    if (options.fd !== undefined) return;
    const end = tailOf(this.#fd, 1);
    this.#isHalf = end !== '' && end !== '\n';
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

  /** Takes a line without its line break; it is written soon. */
  append(line: string): void {
    this.#pending.push(line);
    this.#pendingBytes += Buffer.byteLength(line) + 1;
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
    const now = performance.now();
    if (this.#options.fd !== undefined || now - this.#lookedAt < lookMs) return this.#begin();
    this.#lookedAt = now;
    // Nothing else begins meanwhile.
    this.#writing = Buffer.alloc(0);
    lostFile(this.#fd, this.#options.path, this.#size, (loss) => {
      if (loss !== undefined) this.#reopen(loss);
      this.#begin();
    });
  }

  /** Begins to write what waits. */
  #begin(): void {
    const { seal, fd, maxBytes } = this.#options;
    // Not before there is something for the next: an empty file would not say which files rotation has removed.
    if (fd === undefined && this.#size >= maxBytes && !this.#isHalf) this.#rotate();
    const lines = this.#pending.map((line) => {
      const opening = this.#opening;
      this.#opening = undefined;
      return `${seal === undefined ? line : seal(line, opening)}\n`;
    });
    if (this.#isHalf) lines.unshift('\n');
    this.#isHalf = false;
    this.#writing = Buffer.from(lines.join(''));
    this.#pendingBytes = this.#writing.length;
    this.#pending = [];
    this.#write(this.#writing);
  }

  #reopen(loss: Loss): void {
    const { path, onLoss } = this.#options;
    try {
      const next = open(path);
      closeSync(this.#fd);
      this.#fd = next;
      this.#size = fstatSync(next).size;
      this.#opening = 'lost';
      this.#isHalf = false;
      onLoss?.(loss);
    } catch (error) {
      // What is open is written to: it may still be found.
      this.#fail(error as NodeJS.ErrnoException);
    }
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
    if (this.#idle !== undefined) return this.#flush();
    if (this.#pending.length > 0) this.#timer = setTimeout(() => this.#flush(), batchMs);
  }

  #retry(left: Buffer, error: NodeJS.ErrnoException): void {
    const isFull = error.code === 'EAGAIN';
    if (!isFull) this.#fail(error);
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

  #fail(error: NodeJS.ErrnoException): void {
    if (!this.#failed) this.#options.onState(error);
    this.#failed = true;
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
      // More were kept before.
      for (let index = keep + 1; existsSync(`${path}.${index}`); index++) unlinkSync(`${path}.${index}`);
      const next = open(path);
      closeSync(this.#fd);
      this.#fd = next;
      this.#size = 0;
      this.#opening = 'put_aside';
    } catch (error) {
      // It grows beyond its size rather than lose a line.
      this.#fail(error as NodeJS.ErrnoException);
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
