import type { CallDetail } from '../api/contract.js';
import { format } from '../format.js';
import { Badge } from './badge.js';
import { Empty } from './empty.js';

interface Bar {
  readonly name: string;
  readonly start: number;
  readonly took: number;
  readonly kind: 'stage' | 'attempt';
  readonly outcome?: string;
  readonly error?: string | undefined;
}

/** The stages of a call and its attempts over time: one bar each, in the order they began. */
export const Waterfall = ({ of }: { readonly of: CallDetail }) => {
  const bars: readonly Bar[] = [
    ...(of.stages ?? []).map(({ name, start_ms, duration_ms }) => ({
      name,
      start: start_ms,
      took: duration_ms,
      kind: 'stage' as const,
    })),
    ...(of.tried ?? []).map(({ instance, started_ms, duration_ms, outcome, error }, index) => ({
      name: `attempt ${index + 1}: ${instance}`,
      start: started_ms,
      took: duration_ms,
      kind: 'attempt' as const,
      outcome,
      error,
    })),
  ].toSorted((a, b) => a.start - b.start);
  if (bars.length === 0)
    return <Empty title="No stage was reached">It was refused before anything began.</Empty>;
  const end = Math.max(of.duration_ms, ...bars.map(({ start, took }) => start + took), 0.001);
  return (
    <div class="table-scroll" role="group" aria-label="Waterfall" tabIndex={0}>
      <table class="waterfall">
        <thead>
          <tr>
            <th scope="col">Stage</th>
            <th scope="col" class="numeric wide-only">
              Begins
            </th>
            <th scope="col" class="numeric">
              Takes
            </th>
            <th scope="col" class="over-time">
              Over {format.ms(end)}
            </th>
          </tr>
        </thead>
        <tbody>
          {bars.map(({ name, start, took, kind, outcome, error }, index) => (
            <tr key={index} class={kind}>
              <th scope="row">
                {name} {outcome === undefined ? null : <Badge word={outcome} />}
                {error === undefined ? null : <code class="code">{error}</code>}
              </th>
              <td class="numeric wide-only">{format.ms(start)}</td>
              <td class="numeric">{format.ms(took)}</td>
              <td class="over-time">
                <svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
                  <rect
                    x={Math.min(99.6, (100 * start) / end)}
                    width={Math.max(0.4, (100 * took) / end)}
                    height="10"
                  />
                </svg>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
};
