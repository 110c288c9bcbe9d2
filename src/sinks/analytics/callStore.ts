import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { answerOf } from './answerOf.js';
import type { Rows } from './analytics.js';
import { AnalyticsError } from './analyticsError.js';
import { callColumns } from './callColumns.js';
import { DayFiles } from './dayFiles.js';
import { insertion } from './insertion.js';
import { literal } from './literal.js';
import { openDatabase } from './openDatabase.js';
import type { Asked, ExportedFile, StoreNotice, StoreOptions } from './storeMessages.js';
import { textsOf } from './textsOf.js';
import { Turns } from './turns.js';

/** Writers have the database to themselves: they keep it in a process of its own (storeProcess.ts). */
export class CallStore {
  readonly #instance: DuckDBInstance;
  readonly #writer: DuckDBConnection;
  readonly #days: DayFiles;
  readonly #mover: DuckDBConnection;
  readonly #options: StoreOptions;
  readonly #turns: Turns;
  #taken: ReadonlySet<string> = new Set();

  private constructor(
    instance: DuckDBInstance,
    connections: readonly [writer: DuckDBConnection, mover: DuckDBConnection],
    options: StoreOptions,
    notice: (notice: StoreNotice) => void,
  ) {
    this.#instance = instance;
    [this.#writer, this.#mover] = connections;
    this.#options = options;
    this.#turns = new Turns();
    this.#days = new DayFiles(this.#mover, options, this.#turns, notice);
  }

  /**
   * Opens what is in the folder, or makes it. Nothing else on this machine can be read or written through the database after that, whatever
   * it is asked.
   *
   * @throws AnalyticsError `ERR_ANALYTICS_IN_USE`, `ERR_ANALYTICS_UNAVAILABLE`
   */
  static async open(options: StoreOptions, notice: (notice: StoreNotice) => void): Promise<CallStore> {
    try {
      if (!options.isReadOnly) mkdirSync(options.path, { recursive: true, mode: 0o700 });
      const instance = await openDatabase(options, notice);
      const writer = await instance.connect();
      if (!options.isReadOnly) clearTmp(options.path);
      const store = new CallStore(instance, [writer, await instance.connect()], options, notice);
      await store.#prepare();
      return store;
    } catch (error) {
      if (error instanceof AnalyticsError) throw error;
      throw new AnalyticsError(
        'ERR_ANALYTICS_UNAVAILABLE',
        `${options.path} can't be used: ${(error as Error).message}`,
      );
    }
  }

  async #prepare(): Promise<void> {
    const run = (sql: string) => this.#writer.run(sql);
    // Where there is no database to read, an empty one in memory stands for it.
    if (!this.#options.isReadOnly || (await this.#columns('rows')).length === 0) {
      await run('CREATE SCHEMA IF NOT EXISTS lake');
      const types = callColumns.map(({ name, type }) => `"${name}" ${type}`).join(', ');
      await run(`CREATE TABLE IF NOT EXISTS lake.rows (${types})`);
      await run('CREATE TABLE IF NOT EXISTS lake.files (name VARCHAR)');
    }
    if (!this.#options.isReadOnly) {
      const present = await this.#columns('rows');
      for (const { name, type } of callColumns)
        if (!present.includes(name)) await run(`ALTER TABLE lake.rows ADD COLUMN "${name}" ${type}`);
    }
    await this.#days.find();
    this.#taken = new Set(
      await textsOf(
        this.#writer,
        'SELECT lower(table_name) FROM duckdb_tables() UNION SELECT lower(view_name) FROM duckdb_views()',
      ),
    );
    // The table's times have no zone: `now()` is to fit them.
    await run("SET GLOBAL TimeZone = 'UTC'");
    await run(`SET allowed_directories = [${literal(join(this.#options.path, '/'))}]`);
    await run('SET enable_external_access = false');
    await run('SET lock_configuration = true');
  }

  #columns(table: string): Promise<readonly string[]> {
    return textsOf(
      this.#writer,
      "SELECT column_name FROM duckdb_columns() WHERE schema_name = 'lake' AND table_name = $1",
      [table],
    );
  }

  /** What its files take. */
  get bytes(): number {
    return this.#days.bytes;
  }

  /**
   * Stores a batch of rows: it is on disk when this resolves. A row that can't be stored is left out.
   *
   * @param text a JSON array of records
   * @param again whether it may have been stored already, by a process that ended before it said so
   * @returns how many were stored
   * @throws what has to do with the disk
   */
  async append(text: string, firstId: string, again: boolean): Promise<number> {
    if (again) {
      const reader = await this.#writer.runAndReadAll('SELECT count(*) FROM lake.rows WHERE id = $1', [
        firstId,
      ]);
      if (Number(reader.value(0, 0)) > 0) return 0;
    }
    try {
      return await this.#insert(text);
    } catch (error) {
      if (!/^(Conversion|Invalid Input|Out of Range)/.test((error as Error).message)) throw error;
      const rows = JSON.parse(text) as readonly unknown[];
      if (rows.length === 1) return 0;
      const half = Math.ceil(rows.length / 2);
      const first = await this.append(JSON.stringify(rows.slice(0, half)), firstId, false);
      return first + (await this.append(JSON.stringify(rows.slice(half)), firstId, false));
    }
  }

  async #insert(text: string): Promise<number> {
    const result = await this.#writer.run(insertion, [text]);
    return result.rowsChanged;
  }

  /** Answers a question. @throws AnalyticsError */
  ask(asked: Asked): Promise<Rows | ExportedFile> {
    return answerOf(asked, {
      connect: () => this.#instance.connect(),
      taken: this.#taken,
      paths: () => this.#days.paths,
      turns: this.#turns,
      folder: this.#options.path,
    });
  }

  /** Moves days that are over into files of their own, and deletes the oldest. */
  async tidy(now: number): Promise<void> {
    await this.#days.moveDays(now);
    this.#days.retain(now);
  }

  close(): void {
    this.#writer.closeSync();
    this.#mover.closeSync();
    this.#instance.closeSync();
  }
}

/** What a process that was killed has left of its queries. */
const clearTmp = (path: string): void => {
  const tmp = join(path, 'tmp');
  mkdirSync(tmp, { recursive: true, mode: 0o700 });
  for (const name of readdirSync(tmp)) rmSync(join(tmp, name), { recursive: true, force: true });
};
