import type { SchedulerLike } from 'rxjs';
import type { HedgeSettings } from '../../config/balancingSettings.js';
import { SilenceQueues } from '../silenceQueues.js';
import type { Silences } from '../silences.js';
import { Latencies } from './latencies.js';

/** So many tools are measured; more than any sane server has. */
const maxTools = 1000;
/** Waits that are measured are rounded up to one of so many in each power of ten: as many are watched, and no more. */
const stepsPerDecade = 20;
/** No measured wait is shorter, in milliseconds: a timer is no finer. */
const shortestMs = 1;

/** What is to be known of a call. */
interface Hedgeable {
  readonly method: string;
  readonly tool: { readonly name: string } | undefined;
  readonly repeatable: boolean;
  /** Whether it may become a task. */
  readonly tasks: unknown;
}

/** Decides when a second attempt at a call is worth it, by what calls of the same tool usually take at this server. */
export class Hedging {
  readonly #settings: HedgeSettings;
  readonly #queues: SilenceQueues;
  readonly #tools = new Map<string, Latencies>();

  constructor(settings: HedgeSettings, scheduler: SchedulerLike) {
    this.#settings = settings;
    this.#queues = new SilenceQueues(scheduler);
  }

  /** Watches the first attempt until a second is due; undefined for a call that gets none. */
  watchFor(target: Hedgeable): Silences | undefined {
    // One that may become a task would become two.
    if (!target.repeatable || target.tasks !== undefined) return undefined;
    const { afterMs } = this.#settings;
    if (afterMs !== undefined) return this.#queues.of(afterMs);
    const usual = this.#tools.get(keyOf(target))?.usual;
    return usual === undefined ? undefined : this.#queues.of(roundedUp(usual));
  }

  /** The first reply to a call came after so many milliseconds, or had not come by then. */
  took(target: Hedgeable, ms: number): void {
    const { afterMs, percentile, minSamples } = this.#settings;
    if (afterMs !== undefined) return;
    const key = keyOf(target);
    let latencies = this.#tools.get(key);
    if (latencies === undefined) {
      if (this.#tools.size >= maxTools) return;
      this.#tools.set(key, (latencies = new Latencies(percentile, minSamples)));
    }
    latencies.add(ms);
  }
}

/** Resources are too many to be told apart. */
const keyOf = ({ method, tool }: Hedgeable): string => `${method} ${tool?.name ?? ''}`;

const roundedUp = (ms: number): number =>
  Math.ceil(10 ** (Math.ceil(Math.log10(Math.max(ms, shortestMs)) * stepsPerDecade) / stepsPerDecade));
