import { of } from 'rxjs';
import type { Offer } from '../streams/backend.js';
import { throughGateway, type ConnectionFlags } from './connection.js';
import { table } from './table.js';
import { coloursOf, type Terminal } from './terminal.js';

export interface ListFlags extends ConnectionFlags {
  readonly json?: boolean;
}

/** What a listing command shows of an offer. */
export interface Listing<T> {
  /** One of what is listed, for the last line. */
  readonly noun: string;
  readonly pick: (offer: Offer) => readonly T[];
  readonly head: readonly string[];
  readonly row: (item: T) => readonly string[];
}

/** A listing may take this long, in milliseconds, from the first connect to the last page. */
const timeoutMs = 30_000;

/** Asks a gateway for what it offers and prints part of it as a table or, with `--json`, as it came. */
export const list = <T>(flags: ListFlags, terminal: Terminal, listing: Listing<T>): Promise<void> =>
  throughGateway(
    flags,
    terminal,
    timeoutMs,
    (_backend, offer) => of(offer),
    (offer) => {
      const { stdout, stderr, env } = terminal;
      const items = listing.pick(offer);
      if (flags.json === true) return void stdout.write(`${JSON.stringify(items, undefined, 2)}\n`);
      if (items.length > 0) {
        const rows = items.map(listing.row);
        // A column that nobody fills says nothing.
        const filled = listing.head.map((_, column) => rows.some((row) => (row[column] ?? '') !== ''));
        const only = (cells: readonly string[]): string[] => cells.filter((_, column) => filled[column]);
        stdout.write(`${table(only(listing.head), rows.map(only), stdout, env)}\n`);
      }
      const { dim, yellow } = coloursOf(stderr, env);
      // On stderr, so that `| wc -l` counts what is listed.
      stderr.write(dim(`${items.length} ${listing.noun}${items.length === 1 ? '' : 's'}\n`));
      for (const warning of offer.warnings) stderr.write(`${yellow('note:')} ${warning}\n`);
    },
  );
