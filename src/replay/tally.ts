import { build, type Histogram } from 'hdr-histogram-js';
import type { Difference } from '../protocol/differences.js';
import type { ReplayedCall } from './replayedCall.js';
import { Series } from './series.js';

/** What became of the calls of one name. */
export interface NameTally {
  readonly name: string;
  calls: number;
  matched: number;
  different: number;
  failed: number;
  uncompared: number;
  /** Microseconds from when a call was to be sent to its answer. */
  readonly latency: Histogram;
}

/** A difference, and how often it was seen. */
export interface SeenDifference extends Difference {
  readonly name: string;
  /** The first call of the recording in which it was seen. */
  readonly n: number;
  count: number;
}

/** Names that are told apart; others are counted together. */
const maxNames = 500;
const others = '(others)';
/** Differences that are told apart. */
const maxDifferences = 1000;

/** Three digits, up to some hours: some kilobytes, whatever is put in. */
export const latencyHistogram = (): Histogram =>
  build({ bitBucketSize: 32, autoResize: true, numberOfSignificantValueDigits: 3, useWebAssembly: false });

/** What a replay has found, in memory that does not grow with the calls. */
export class Tally {
  readonly latency = latencyHistogram();
  /** Microseconds from when a call was really sent. */
  readonly service = latencyHistogram();
  readonly byName = new Map<string, NameTally>();
  readonly differences = new Map<string, SeenDifference>();
  /** Differences that found no place of their own. */
  moreDifferences = 0;
  readonly series = new Series();
  /** Why calls were not compared, and how often. */
  readonly uncompared = new Map<string, number>();
  readonly warnings = new Set<string>();
  calls = 0;
  sent = 0;
  matched = 0;
  different = 0;
  failed = 0;
  /** Most by which a call was sent later than it was to be, in milliseconds. */
  lateMs = 0;
  inFlight = 0;
  lanes = 0;
  startedAt = performance.now();
  endedAt: number | undefined;

  warn(message: string): void {
    if (this.warnings.size < 100) this.warnings.add(message);
  }

  /** Seconds it has taken. */
  get seconds(): number {
    return ((this.endedAt ?? performance.now()) - this.startedAt) / 1000;
  }

  began(call: ReplayedCall, now: number): void {
    this.sent++;
    this.inFlight++;
    this.lateMs = Math.max(this.lateMs, now - call.dueAt);
  }

  /** A call has ended here. */
  answered(call: ReplayedCall, now: number): void {
    this.inFlight--;
    const { how, sentAt = now, dueAt, isStanding, recorded } = call;
    const isTimed = !isStanding && recorded.id !== undefined && how?.failure === undefined && !call.wasLeft;
    if (!isTimed) return;
    const micros = Math.max(1, Math.round((now - dueAt) * 1000));
    this.latency.recordValue(micros);
    this.service.recordValue(Math.max(1, Math.round((now - sentAt) * 1000)));
    this.#of(call.name).latency.recordValue(micros);
    this.series.add((now - this.startedAt) / 1000, micros);
  }

  /** A call has settled: both sides of it are known. */
  settled(call: ReplayedCall, found: readonly Difference[] | undefined): void {
    const of = this.#of(call.name);
    this.calls++;
    of.calls++;
    if (found === undefined) {
      of.uncompared++;
      this.skip(call.uncompared ?? 'its client had left');
    } else if (found.length === 0) {
      this.matched++;
      of.matched++;
    } else if (call.how?.failure !== undefined) {
      this.failed++;
      of.failed++;
      this.series.fail();
    } else {
      this.different++;
      of.different++;
      this.series.fail();
    }
    for (const difference of found ?? []) this.#note(call, difference);
  }

  /** Something is not compared. */
  skip(why: string): void {
    this.uncompared.set(why, (this.uncompared.get(why) ?? 0) + 1);
  }

  #note(call: ReplayedCall, difference: Difference): void {
    const key = JSON.stringify([call.name, difference.at]);
    const known = this.differences.get(key);
    if (known !== undefined) known.count++;
    else if (this.differences.size >= maxDifferences) this.moreDifferences++;
    else this.differences.set(key, { ...difference, name: call.name, n: call.recorded.n, count: 1 });
  }

  #of(name: string): NameTally {
    const known = this.byName.get(name);
    if (known !== undefined) return known;
    if (this.byName.size >= maxNames && name !== others) return this.#of(others);
    const made = {
      name,
      calls: 0,
      matched: 0,
      different: 0,
      failed: 0,
      uncompared: 0,
      latency: latencyHistogram(),
    };
    this.byName.set(name, made);
    return made;
  }
}
