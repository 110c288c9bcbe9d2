import { createWriteStream, mkdirSync, readdirSync, rmSync, type WriteStream } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import type { RecordingHeader } from '../../protocol/recording/recordedLine.js';
import { packing, type Packer } from './packing.js';

export interface RecordingFilesOptions {
  readonly folder: string;
  /** Name of the recording: the files are `{name}-p0001.ndjson.zst` and so on. */
  readonly name: string;
  /** What begins each file, but for the number of the part. */
  readonly header: Omit<RecordingHeader, 'part'>;
  /** A file that has reached this size is followed by the next, in bytes as they are on disk. */
  readonly maxBytes: number;
  /** How many files of recordings like this one stay in the folder; the oldest go. */
  readonly keep: number;
  /** What waits to be written at most, in bytes. */
  readonly maxPendingBytes: number;
  /** Told when writing has begun to fail, and when it works again. */
  readonly onState: (failure: NodeJS.ErrnoException | undefined) => void;
}

/** How long what is written may stay in memory, in milliseconds: a process that is killed loses so much. */
const flushMs = 1000;
/** How long until another file is tried, in milliseconds. */
const againMs = 5000;

/** A file that is being written. */
interface Open {
  readonly packer: Packer;
  readonly file: WriteStream;
}

/** The files of one recording: packed, each beginning with a header, the oldest deleted. Writing never holds anybody up. */
export class RecordingFiles {
  readonly #options: RecordingFilesOptions;
  #part = 0;
  #open: Open | undefined;
  #timer: NodeJS.Timeout | undefined;
  #failedAt: number | undefined;
  readonly #closing = new Set<Promise<void>>();

  /** @throws what making the folder throws */
  constructor(options: RecordingFilesOptions) {
    this.#options = options;
    mkdirSync(options.folder, { recursive: true });
  }

  /** Whether the next line would be taken. */
  get hasRoom(): boolean {
    if (this.#failedAt !== undefined && performance.now() - this.#failedAt < againMs) return false;
    const { packer, file } = this.#open ?? {};
    const pending =
      (packer?.writableLength ?? 0) + (packer?.readableLength ?? 0) + (file?.writableLength ?? 0);
    return pending < this.#options.maxPendingBytes;
  }

  /** Takes a line without its line break. */
  append(line: string): void {
    const open = (this.#open ??= this.#next());
    open.packer.write(`${line}\n`);
    this.#timer ??= setTimeout(() => this.#flush(), flushMs);
  }

  /** Resolves when all that was taken is on disk, or can't get there. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    this.#end();
    await Promise.all(this.#closing);
  }

  #next(): Open {
    const { folder, name, header } = this.#options;
    this.#part++;
    try {
      this.#prune();
    } catch (error) {
      // A folder that can't be listed can be written to all the same, or the file tells.
      this.#options.onState(error as NodeJS.ErrnoException);
    }
    const path = join(folder, `${name}-p${String(this.#part).padStart(4, '0')}.ndjson.${packing.extension}`);
    const packer = packing.create();
    // For its owner alone: a recording has what people asked for.
    const file = createWriteStream(path, { mode: 0o600 });
    const open = { packer, file };
    file.on('error', (error) => this.#failed(open, error));
    file.on('open', () => {
      if (this.#failedAt !== undefined) this.#options.onState(undefined);
      this.#failedAt = undefined;
    });
    packer.pipe(file);
    packer.write(`${JSON.stringify({ ...header, part: this.#part })}\n`);
    return open;
  }

  #failed(open: Open, error: NodeJS.ErrnoException): void {
    if (this.#failedAt === undefined) this.#options.onState(error);
    this.#failedAt = performance.now();
    open.packer.unpipe();
    open.packer.destroy();
    if (this.#open === open) this.#open = undefined;
  }

  #flush(): void {
    this.#timer = undefined;
    const open = this.#open;
    if (open === undefined) return;
    open.packer.flush();
    if (open.file.bytesWritten >= this.#options.maxBytes) this.#end();
  }

  #end(): void {
    const open = this.#open;
    this.#open = undefined;
    if (open === undefined) return;
    // What went wrong with it has been told.
    const closed = finished(open.file).catch(() => undefined);
    this.#closing.add(closed);
    void closed.then(() => this.#closing.delete(closed));
    open.packer.end();
  }

  /** Names sort by their time. Only files that recordings make are touched. */
  #prune(): void {
    const { folder, name, keep } = this.#options;
    const ofWorker = /-w\d+$/.exec(name)?.[0] ?? '';
    const files = readdirSync(folder)
      .filter((file) => /^recording-\d{8}T\d{9}Z-[0-9a-z]+(-w\d+)?-p\d+\.ndjson\.(?:zst|gz)$/.test(file))
      .filter((file) => (/-w\d+(?=-p)/.exec(file)?.[0] ?? '') === ofWorker)
      .sort();
    for (const file of files.slice(0, Math.max(0, files.length - keep + 1)))
      rmSync(join(folder, file), { force: true });
  }
}
