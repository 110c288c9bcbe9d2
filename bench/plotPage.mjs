/** A run as a page that needs nothing else: no script, nothing from other hosts. Its plots are those of the replay's report. */
import { escapedXml } from '../dist/replay/escapedXml.js';
import { pageStyle } from '../dist/replay/pageStyle.js';
import { plot } from '../dist/replay/plot.js';

const style = `${pageStyle}
.bars { display: grid; grid-template-columns: 8rem 1fr; gap: .3rem .8rem; align-items: center }
.bars div { background: var(--two); height: 1.1rem; min-width: 1px } .bars .own { background: var(--one) }
.bars span { font-size: .85em; white-space: nowrap } .bar { display: flex; gap: .5rem; align-items: center } pre { overflow-x: auto; font-size: .8em }`;

const compared = ['sluice', 'bare-node'];

/** Throughput of each target in one workload, as bars. */
const bars = (rows) => {
  const most = Math.max(...rows.map(({ rps }) => rps));
  const lines = rows.map(
    ({ target, rps }) =>
      `<span>${escapedXml(target)}</span><span class="bar"><div class="${target === 'sluice' ? 'own' : ''}" style="width: ${((rps / most) * 80).toFixed(2)}%"></div><span>${rps.toFixed(0)} /s</span></span>`,
  );
  return `<div class="bars">${lines.join('\n')}</div>`;
};

/** 99 % stands as far from 90 % as 99.9 % from 99 %. */
const place = (percent) => -Math.log10(1 - percent / 100);

const byPercentile = (rows) => {
  const figures = [
    [50, 'p50_ms'],
    [99, 'p99_ms'],
    [99.9, 'p999_ms'],
  ];
  return plot({
    label: 'Latency by percentile',
    x: { ticks: figures.map(([percent]) => [place(percent), `${percent} %`]) },
    y: { unit: 'ms' },
    lines: compared
      .flatMap((name) => rows.filter(({ target }) => target === name))
      .map((row) => ({
        name: row.target,
        points: figures.map(([percent, figure]) => [place(percent), row[figure]]),
      })),
  });
};

const pointOf = ({ concurrency, rps }) => [Math.log2(concurrency), rps];

const byClients = (rows) => {
  const clients = [...new Set(rows.map(({ concurrency }) => concurrency))];
  if (clients.length < 2) return '';
  return plot({
    label: 'Calls a second by clients',
    x: { ticks: clients.map((count) => [Math.log2(count), String(count)]) },
    y: { unit: '/s' },
    lines: compared
      .map((name) => ({ name, points: rows.filter(({ target }) => target === name).map(pointOf) }))
      .filter(({ points }) => points.length > 0),
  });
};

const workload = (name, rows, headline) => {
  const own = rows.filter((row) => row.name === name);
  const shown = own.filter(({ concurrency }) => concurrency === headline);
  return `<h2>${escapedXml(name)}, ${headline} clients</h2>${bars(shown)}${byPercentile(shown)}${byClients(own)}`;
};

const calls = ({ rows }, headline) =>
  [...new Set(rows.map(({ name }) => name))].map((name) => workload(name, rows, headline)).join('\n');

const heap = ({ points }) =>
  '<h2>Soak</h2>' +
  plot({
    label: 'Heap after a collection',
    x: { unit: 's' },
    y: { unit: 'MiB' },
    lines: [
      { name: 'heap', points: points.map(({ seconds, heap_bytes: bytes }) => [seconds, bytes / 1024 ** 2]) },
    ],
  });

/**
 * The page.
 *
 * @param {{ measured: object, shown: Record<string, string>, plan: object, about: string }} run figures of each part, their tables
 */
export const plotPage = ({ measured, shown, plan, about }) => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Sluice: measured</title><style>${style}</style></head><body>
<h1>Sluice, measured</h1><p class="soft">${escapedXml(about)}</p>
${measured.calls === undefined ? '' : calls(measured.calls, plan.headline)}
${measured.soak === undefined ? '' : heap(measured.soak)}
${Object.entries(shown)
  .map(([name, text]) => `<h2>${escapedXml(name)}</h2><pre>${escapedXml(text)}</pre>`)
  .join('\n')}
</body></html>
`;
