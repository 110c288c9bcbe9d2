import type { DuckDBConnection } from '@duckdb/node-api';
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { literal } from './literal.js';
import type { StoreNotice, StoreOptions } from './storeMessages.js';
import { textsOf } from './textsOf.js';
import type { Turns } from './turns.js';

const shape = /^calls-(\d{4}-\d{2}-\d{2})(?:\.(\d{1,4}))?\.parquet$/;
const dayMs = 24 * 3_600_000;

/**
 * The days that are over, each in a file `calls-2026-11-21.parquet`; calls of a day that came late are in another, `calls-2026-11-21.2.parquet`.
 *
 * A day moves in this order: written under another name and forced to disk; taken out of the table, and noted in `lake.files`, in one
 * transaction; renamed. Wherever that is cut off, the next start finds each call in one place.
 */
export class DayFiles {
  readonly #connection: DuckDBConnection;
  readonly #options: StoreOptions;
  readonly #notice: (notice: StoreNotice) => void;
  readonly #turns: Turns;
  #names: readonly string[] = [];

  constructor(
    connection: DuckDBConnection,
    options: StoreOptions,
    turns: Turns,
    notice: (notice: StoreNotice) => void,
  ) {
    this.#connection = connection;
    this.#options = options;
    this.#turns = turns;
    this.#notice = notice;
  }

  /** Absolute paths of the files with calls. */
  get paths(): readonly string[] {
    return this.#names.map((name) => this.#path(name));
  }

  /** Finishes what was cut off, and finds what is there. */
  async find(): Promise<void> {
    const { isReadOnly } = this.#options;
    const noted = isReadOnly ? [] : await textsOf(this.#connection, 'SELECT name FROM lake.files');
    for (const name of noted) {
      const unfinished = `${this.#path(name)}.new`;
      if (existsSync(unfinished) && !existsSync(this.#path(name))) renameSync(unfinished, this.#path(name));
    }
    const names = readdirSync(this.#options.path);
    if (!isReadOnly) {
      for (const name of names) if (name.endsWith('.parquet.new')) rmSync(this.#path(name), { force: true });
      await this.#connection.run('DELETE FROM lake.files');
    }
    const days: string[] = [];
    for (const name of readdirSync(this.#options.path)
      .filter((name) => shape.test(name))
      .sort())
      if (await this.#isReadable(name)) days.push(name);
    this.#names = days;
  }

  /** Moves the days that are over out of the table. @param now in milliseconds since 1970 */
  async moveDays(now: number): Promise<void> {
    const today = dayOf(now);
    const days = await textsOf(
      this.#connection,
      'SELECT DISTINCT strftime(hour, $1) AS day FROM lake.rows WHERE hour < $2::TIMESTAMP ORDER BY 1',
      ['%Y-%m-%d', today],
    );
    for (const day of days) await this.#move(day);
  }

  /** Deletes the days that are too old, and the oldest while all take too much. */
  retain(now: number): void {
    const { retentionDays, maxBytes } = this.#options;
    const oldest = dayOf(now - retentionDays * dayMs);
    const sizes = new Map(this.#names.map((name) => [name, statSync(this.#path(name)).size]));
    let bytes = this.bytes;
    for (const name of this.#names) {
      const isOld = dayIn(name) < oldest;
      if (!isOld && bytes <= maxBytes) continue;
      rmSync(this.#path(name), { force: true });
      bytes -= sizes.get(name) ?? 0;
      this.#names = this.#names.filter((other) => other !== name);
      this.#notice({
        level: 'info',
        event: 'analytics_day_deleted',
        message: isOld
          ? 'A day of calls is older than analytics.retention'
          : 'The files of analytics are larger than analytics.max_size',
        fields: { file: name },
      });
    }
  }

  /** What all files take, that of the running day too. */
  get bytes(): number {
    return [...this.#names, 'calls.duckdb', 'calls.duckdb.wal'].reduce(
      (sum, name) => sum + (statSync(this.#path(name), { throwIfNoEntry: false })?.size ?? 0),
      0,
    );
  }

  async #move(day: string): Promise<void> {
    const name = this.#free(day);
    const unfinished = `${this.#path(name)}.new`;
    const ofDay = `hour >= ${literal(day)}::TIMESTAMP AND hour < ${literal(day)}::TIMESTAMP + INTERVAL 1 DAY`;
    // In one view of the table: what comes late for this day meanwhile stays in it.
    await this.#connection.run('BEGIN');
    try {
      await this.#connection.run(
        `COPY (SELECT * FROM lake.rows WHERE ${ofDay} ORDER BY time) TO ${literal(unfinished)} (FORMAT parquet, COMPRESSION zstd)`,
      );
      synced(unfinished);
      await this.#connection.run(`DELETE FROM lake.rows WHERE ${ofDay}`);
      await this.#connection.run('INSERT INTO lake.files VALUES ($1)', [name]);
      await this.#turns.take(async () => {
        await this.#connection.run('COMMIT');
        renameSync(unfinished, this.#path(name));
        this.#names = [...this.#names, name].sort();
      });
    } catch (error) {
      // After a failed COMMIT there is none to take back.
      await this.#connection.run('ROLLBACK').catch(() => undefined);
      throw error;
    }
    synced(this.#options.path);
    await this.#connection.run('DELETE FROM lake.files WHERE name = $1', [name]);
  }

  async #isReadable(name: string): Promise<boolean> {
    try {
      await this.#connection.run(`SELECT num_rows FROM parquet_file_metadata(${literal(this.#path(name))})`);
      return true;
    } catch (error) {
      if (!this.#options.isReadOnly) renameSync(this.#path(name), `${this.#path(name)}.broken`);
      this.#notice({
        level: 'error',
        event: 'analytics_put_aside',
        message: 'A day of calls can not be read and was put aside',
        fields: { file: name, cause: (error as Error).message },
      });
      return false;
    }
  }

  #free(day: string): string {
    for (let part = 1; ; part++) {
      const name = part === 1 ? `calls-${day}.parquet` : `calls-${day}.${part}.parquet`;
      if (!existsSync(this.#path(name))) return name;
    }
  }

  #path(name: string): string {
    return join(this.#options.path, name);
  }
}

const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

const dayIn = (name: string): string => shape.exec(name)?.[1] ?? '';

const synced = (path: string): void => {
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
};
