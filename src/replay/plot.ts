/** A line: points in the order of x. */
export interface PlotLine {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface PlotOptions {
  readonly label: string;
  /** `ticks` where they are not to be found by themselves. */
  readonly x: { readonly unit?: string; readonly ticks?: readonly (readonly [at: number, text: string])[] };
  readonly y: { readonly unit: string };
  readonly lines: readonly PlotLine[];
}

const size = { width: 900, height: 260, left: 60, right: 12, top: 28, bottom: 28 } as const;
const colours = ['var(--one)', 'var(--two)'] as const;

/** A plot as SVG, in the colours of the page it stands in. */
export const plot = ({ label, x, y, lines }: PlotOptions): string => {
  const points = lines.flatMap((line) => line.points);
  if (points.length === 0) return '';
  const xs = points.map(([at]) => at);
  const [minX, maxX] = [Math.min(...xs), Math.max(...xs)];
  const maxY = Math.max(...points.map(([, value]) => value)) || 1;
  const toX = (at: number): number =>
    size.left + ((at - minX) / (maxX - minX || 1)) * (size.width - size.left - size.right);
  const toY = (value: number): number =>
    size.height - size.bottom - (value / maxY) * (size.height - size.top - size.bottom);
  const xTicks = (x.ticks ?? steps(minX, maxX).map((at) => [at, `${at} ${x.unit ?? ''}`] as const)).filter(
    ([at]) => at >= minX && at <= maxX,
  );
  const grid = steps(0, maxY).map(
    (value) =>
      `<line x1="${size.left}" x2="${size.width - size.right}" y1="${px(toY(value))}" y2="${px(toY(value))}" stroke="var(--line)"/>` +
      text(size.left - 6, toY(value) + 4, `${value} ${y.unit}`, 'end'),
  );
  const ticks = xTicks.map(([at, name]) => text(toX(at), size.height - 8, name, 'middle'));
  const drawn = lines.map(({ name, points: own }, index) => {
    const colour = colours[index % colours.length] ?? colours[0];
    const path = own.map(([at, value]) => `${px(toX(at))},${px(toY(value))}`).join(' ');
    return (
      `<polyline fill="none" stroke="${colour}" stroke-width="2" points="${path}"/>` +
      `<text x="${size.width - size.right - index * 90}" y="14" text-anchor="end" font-size="12" fill="${colour}">${name}</text>`
    );
  });
  return `<svg viewBox="0 0 ${size.width} ${size.height}" role="img" aria-label="${label}">${text(size.left, 14, label, 'start')}${[...grid, ...ticks, ...drawn].join('')}</svg>\n`;
};

/** Round numbers from one to another, about five. */
const steps = (from: number, to: number): readonly number[] => {
  const rough = (to - from || 1) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power;
  const found: number[] = [];
  for (let index = Math.ceil(from / step); index * step <= to; index++)
    found.push(Number((index * step).toPrecision(6)));
  return found;
};

const px = (value: number): string => value.toFixed(1);

const text = (x: number, y: number, words: string, anchor: 'start' | 'middle' | 'end'): string =>
  `<text x="${px(x)}" y="${px(y)}" text-anchor="${anchor}" font-size="12" fill="var(--soft)">${words}</text>`;
