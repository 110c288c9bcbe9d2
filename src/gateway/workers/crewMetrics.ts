import { AggregatorRegistry, type Registry } from 'prom-client';
import type { MetricJson } from './messages.js';

/**
 * The metrics of several workers as one: counters and histograms are added up, gauges taken together in the way each of them names.
 *
 * > What a worker that is gone had counted stays in the sums: a counter that falls would look like a restart of everything.
 */
export class CrewMetrics<Worker> {
  readonly #last = new Map<Worker, readonly MetricJson[]>();
  /** What those that are gone had counted when it was asked for last. */
  #gone: readonly MetricJson[] = [];

  /** A worker has gone. */
  part(worker: Worker): void {
    const last = this.#last.get(worker);
    if (last === undefined) return;
    this.#last.delete(worker);
    const counted = last.filter(({ type }) => type === 'counter' || type === 'histogram');
    this.#gone = aggregated([this.#gone, counted]).getMetricsAsArray() as unknown as readonly MetricJson[];
  }

  /** @param reports what the living say  @param own what this process adds */
  sum(reports: ReadonlyMap<Worker, readonly MetricJson[]>, own: readonly MetricJson[]): Registry {
    for (const [worker, report] of reports) this.#last.set(worker, report);
    // One that does not answer just now has not counted backwards.
    return aggregated([...this.#last.values(), own, this.#gone]);
  }
}

const aggregated = (parts: readonly (readonly MetricJson[])[]): Registry =>
  AggregatorRegistry.aggregate([...parts]);
