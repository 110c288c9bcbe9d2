import type { GatewayErrorCode } from '../protocol/errors.js';
import type { Exchange } from './exchange.js';
import { refusedBy } from './refusedBy.js';

/** What became of all calls in one stage. */
export interface StageTotal {
  readonly name: string;
  /** How often it was entered; a call may do so several times. */
  entered: number;
  /** Calls that are in it now. */
  now: number;
  /** Calls that it refused, or that failed in it, by why. */
  readonly refused: Map<GatewayErrorCode, number>;
}

/**
 * Counts calls by the stages they pass: a live picture of the pipeline.
 *
 * > Nothing is counted while a call passes: its marks are, when it has ended, and those of calls under way when somebody asks.
 */
export class StageTotals {
  readonly #ended = new Map<string, StageTotal>();

  /** To be told of every exchange that has ended. */
  ended(exchange: Exchange): void {
    for (const name of exchange.notes.marks.names()) totalOf(this.#ended, name).entered++;
    const { error } = exchange.notes;
    const stage = refusedBy(exchange);
    if (error === undefined || stage === undefined) return;
    const { refused } = totalOf(this.#ended, stage);
    refused.set(error.code, (refused.get(error.code) ?? 0) + 1);
  }

  /** @param underWay the exchanges that have not ended */
  read(underWay: Iterable<Exchange>): readonly StageTotal[] {
    const totals = new Map<string, StageTotal>();
    for (const [name, total] of this.#ended) totals.set(name, { ...total });
    for (const { notes } of underWay) {
      for (const name of notes.marks.names()) totalOf(totals, name).entered++;
      if (notes.marks.last !== undefined) totalOf(totals, notes.marks.last).now++;
    }
    return [...totals.values()];
  }
}

const totalOf = (totals: Map<string, StageTotal>, name: string): StageTotal => {
  let total = totals.get(name);
  if (total === undefined) totals.set(name, (total = { name, entered: 0, now: 0, refused: new Map() }));
  return total;
};
