import type { RecordedStage } from '../protocol/audit/callRecord.js';

/** So many stages of one call are written down; one that goes through many rounds or attempts is told of no further. */
const maxMarks = 96;

const stageNames = Symbol.for('sluice.stageNames');

/** Of the whole process: a chain of one's own may come with a copy of this package, and name its stages with that. */
const shared = globalThis as unknown as { [stageNames]: string[] | undefined };
const names = (shared[stageNames] ??= []);

/**
 * Which stages a call has entered, and when. A call is in one stage at a time: it leaves one by entering the next.
 *
 * > Two numbers a stage in one array, and no object.
 */
export class Marks {
  /** Stage and time in turn; numbers only, so that they lie side by side. */
  readonly #entered: number[] = [];

  /** The number of a stage, by which it is entered. There are as many as are named where pipelines are assembled. */
  static idOf(name: string): number {
    const known = names.indexOf(name);
    return known === -1 ? names.push(name) - 1 : known;
  }

  /** @param isQuick it takes no time worth a look at the clock, which costs 90 ns: that is left to the stage before it */
  enter(stage: number, isQuick = false): void {
    if (this.#entered.length < 2 * maxMarks) this.#entered.push(stage, isQuick ? NaN : performance.now());
  }

  /** The stage it is in, or ended in; undefined before the first. */
  get last(): string | undefined {
    const stage = this.#entered.at(-2);
    return stage === undefined ? undefined : names[stage];
  }

  /** The names of the stages, in the order they were entered. */
  *names(): Generator<string> {
    for (let at = 0; at < this.#entered.length; at += 2) yield names[this.#entered[at] ?? -1] ?? '';
  }

  /**
   * The stages with their times.
   *
   * @param startedAt when the call arrived, in milliseconds of `performance.now()`
   * @param endedAt when it ended, or now
   */
  stages(startedAt: number, endedAt: number): readonly RecordedStage[] {
    const passed: RecordedStage[] = [];
    let next = endedAt;
    for (let at = this.#entered.length - 2; at >= 0; at -= 2) {
      const time = this.#entered[at + 1] ?? NaN;
      const begun = Number.isNaN(time) ? next : time;
      passed.push({
        name: names[this.#entered[at] ?? -1] ?? '',
        start_ms: rounded(begun - startedAt),
        duration_ms: rounded(next - begun),
      });
      next = begun;
    }
    return passed.reverse();
  }
}

const rounded = (ms: number): number => Math.round(ms * 1000) / 1000;
