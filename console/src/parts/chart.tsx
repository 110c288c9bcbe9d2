import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { theme } from '../theme.js';

/** A line of a chart: its name, the class that colours it, and its values (undefined where there is none). */
export interface Line {
  readonly name: string;
  readonly tone: 'line-a' | 'line-b' | 'line-c' | 'bad';
  readonly values: readonly (number | undefined)[];
  readonly dash?: readonly number[];
  readonly filled?: boolean;
}

interface ChartProps {
  /** What it shows, in words: for those who do not see it. */
  readonly label: string;
  /** Seconds since 1970. */
  readonly at: readonly number[];
  readonly lines: readonly Line[];
  readonly unit: (value: number) => string;
}

const height = 180;

/** Colours stand in the style sheets; a canvas has to be told them. */
const colourOf = (host: Element, name: string): string => {
  const probe = document.createElement('span');
  probe.className = name;
  host.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
};

/** Values over time. Follows the width of its place, and the theme. */
export const Chart = ({ label, at, lines, unit }: ChartProps) => {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const data = useRef<uPlot.AlignedData>([[]]);
  data.current = [[...at], ...lines.map(({ values }) => values.map((value) => value ?? null))];
  const chosen = theme.value;
  const names = lines.map(({ name }) => name).join();

  useEffect(() => {
    const place = host.current;
    if (place === null) return;
    const make = (): void => {
      plot.current?.destroy();
      const grid = { stroke: colourOf(place, 'grid'), width: 1 };
      const axis = { stroke: colourOf(place, 'quiet'), grid, ticks: { show: false }, font: '11px system-ui' };
      plot.current = new uPlot(
        {
          width: place.clientWidth,
          height,
          legend: { show: false },
          cursor: { show: false },
          padding: [8, 24, 0, 0],
          scales: { x: { time: true }, y: { range: (_, __, high) => [0, Math.max(4, high * 1.15)] } },
          axes: [
            { ...axis, space: 64, size: 26, values: (_, ticks) => ticks.map(clock) },
            { ...axis, size: 58, space: 36, values: (_, ticks) => ticks.map(unit) },
          ],
          series: [
            {},
            ...lines.map(({ name, tone, dash, filled = false }) => {
              const stroke = colourOf(place, tone);
              return {
                label: name,
                stroke,
                width: 1.75,
                points: { show: false },
                spanGaps: true,
                ...(dash === undefined ? {} : { dash: [...dash] }),
                ...(filled ? { fill: colourOf(place, `${tone}-fill`) } : {}),
              };
            }),
          ],
        },
        data.current,
        place,
      );
    };
    make();
    const resized = new ResizeObserver(() => plot.current?.setSize({ width: place.clientWidth, height }));
    resized.observe(place);
    const dark = matchMedia('(prefers-color-scheme: dark)');
    dark.addEventListener('change', make);
    return () => {
      resized.disconnect();
      dark.removeEventListener('change', make);
      plot.current?.destroy();
      plot.current = undefined;
    };
  }, [chosen, names]);
  useEffect(() => {
    plot.current?.setData(data.current);
  });

  return (
    <figure class="chart">
      <div ref={host} role="img" aria-label={label} />
      <figcaption aria-hidden="true">
        {lines.map(({ name, tone, dash }) => (
          <span key={name} class={`legend ${tone}`}>
            <svg viewBox="0 0 18 6">
              <path d="M0 3h18" stroke-dasharray={dash?.join(' ')} />
            </svg>
            {name}
          </span>
        ))}
      </figcaption>
    </figure>
  );
};

const clock = (seconds: number): string => new Date(seconds * 1000).toTimeString().slice(0, 8);
