import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { open, readFile, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { AuditSink } from './auditSink.js';

export interface SpoolOptions {
  readonly folder: string;
  /** Most on disk and in memory together, in bytes: beyond it nothing more is taken. */
  readonly maxBytes: number;
  /** Most in memory, which is what can't be written. */
  readonly maxPendingBytes: number;
  /** Told when writing has begun to fail, and when it works again. */
  readonly onState: (failure: NodeJS.ErrnoException | undefined) => void;
  /** Told when a batch has come. */
  readonly onBatch: () => void;
}

/** Lines that are delivered together. The same id is the same lines, however often they are sent. */
export interface SpooledBatch {
  readonly id: string;
  readonly file: string;
  readonly bytes: number;
}

/** How long lines wait for company, in milliseconds. */
const batchMs = 200;
/** Lines of so many bytes make a batch. */
const batchBytes = 512 * 1024;
/** How long until a failed write is tried again, in milliseconds. */
const againMs = 1000;
/** Refused batches that are kept for whoever looks into it. */
const maxRefused = 20;

const ending = '.ndjson';
const isBatch = (name: string): boolean => /^[0-9]{12}\.ndjson$/.test(name);

/**
 * A folder of batches that wait for a receiver, each a file of its own: written and forced to disk within a second, removed when the
 * receiver has it. What a process leaves the next one finds, under the same ids. Only one process may use a folder.
 */
export class Spool implements AuditSink {
  readonly #options: SpoolOptions;
  readonly #id: string;
  readonly #batches: SpooledBatch[] = [];
  #bytes = 0;
  #next = 1;
  #pending: string[] = [];
  #pendingBytes = 0;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> | undefined;
  #failed = false;
  #closing = false;

  /** @throws what opening the folder throws */
  constructor(options: SpoolOptions) {
    this.#options = options;
    const { folder } = options;
    // For its owner alone: records name people.
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.#id = idOf(folder);
    for (const name of readdirSync(folder).sort()) {
      const file = join(folder, name);
      // Half written when a process was killed: it was never promised to anybody.
      if (name.endsWith('.part')) rmSync(file, { force: true });
      if (!isBatch(name)) continue;
      const number = Number(name.slice(0, -ending.length));
      const { size } = statSync(file);
      this.#batches.push({ id: `${this.#id}-${number}`, file, bytes: size });
      this.#bytes += size;
      this.#next = number + 1;
    }
    // A number is never given twice, or a receiver would take other lines for ones it has: also where nothing waits any more.
    this.#next = Math.max(this.#next, Date.now() - epoch);
  }

  get hasRoom(): boolean {
    return this.fill < 1;
  }

  get fill(): number {
    const { maxBytes, maxPendingBytes } = this.#options;
    return Math.max(this.waitingBytes / maxBytes, this.#pendingBytes / maxPendingBytes);
  }

  get waitingBytes(): number {
    return this.#bytes + this.#pendingBytes;
  }

  /** The batch that waits longest; undefined where none does. */
  get first(): SpooledBatch | undefined {
    return this.#batches[0];
  }

  append(line: string): void {
    const text = `${line}\n`;
    this.#pending.push(text);
    this.#pendingBytes += Buffer.byteLength(text);
    if (this.#pendingBytes >= batchBytes && !this.#failed) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), batchMs);
  }

  read({ file }: SpooledBatch): Promise<string> {
    return readFile(file, 'utf8');
  }

  /** The first batch has arrived, or can't be read any more. */
  async remove(batch: SpooledBatch): Promise<void> {
    this.#forget(batch);
    await unlink(batch.file).catch(gone);
  }

  /** The receiver will never take this batch: it is put aside, and does not keep the others waiting. */
  async refuse(batch: SpooledBatch): Promise<void> {
    this.#forget(batch);
    await rename(batch.file, `${batch.file}.refused`).catch(gone);
    const refused = readdirSync(this.#options.folder).filter((name) => name.endsWith('.refused'));
    for (const name of refused.sort().slice(0, -maxRefused))
      rmSync(join(this.#options.folder, name), { force: true });
  }

  async close(): Promise<void> {
    this.#closing = true;
    await this.#writing;
    this.#flush();
    await this.#writing;
    clearTimeout(this.#timer);
  }

  #forget(batch: SpooledBatch): void {
    this.#batches.splice(this.#batches.indexOf(batch), 1);
    this.#bytes -= batch.bytes;
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#writing !== undefined || this.#pending.length === 0) return;
    const lines = this.#pending;
    const bytes = this.#pendingBytes;
    this.#pending = [];
    this.#writing = this.#write(lines.join(''), bytes)
      .catch((error: unknown) => {
        this.#pending = [...lines, ...this.#pending];
        if (!this.#failed) this.#options.onState(error as NodeJS.ErrnoException);
        this.#failed = true;
      })
      .finally(() => {
        this.#writing = undefined;
        if (this.#pending.length > 0 && !this.#closing)
          this.#timer ??= setTimeout(() => this.#flush(), this.#failed ? againMs : batchMs);
      });
  }

  async #write(text: string, bytes: number): Promise<void> {
    const { folder, onState, onBatch } = this.#options;
    const number = this.#next++;
    const file = join(folder, `${String(number).padStart(12, '0')}${ending}`);
    const part = `${file}.part`;
    const handle = await open(part, 'w', 0o600);
    try {
      await handle.writeFile(text);
      await handle.datasync();
    } finally {
      await handle.close();
    }
    await rename(part, file);
    this.#pendingBytes -= bytes;
    this.#bytes += bytes;
    this.#batches.push({ id: `${this.#id}-${number}`, file, bytes });
    if (this.#failed) onState(undefined);
    this.#failed = false;
    onBatch();
  }
}

/** Numbers begin with the milliseconds since then, so that they grow from start to start; 2025-01-01. */
const epoch = 1_735_689_600_000;

/** Whoever cleans up a folder by hand may be faster. */
const gone = (error: unknown): void => {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
};

/** Tells this folder's batches from those of all others, also after a restart. */
const idOf = (folder: string): string => {
  const file = join(folder, 'id');
  try {
    writeFileSync(file, randomBytes(9).toString('base64url'), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return readFileSync(file, 'utf8').trim();
};
