import { escapedXml } from './escapedXml.js';
import { pageStyle } from './pageStyle.js';
import { plot } from './plot.js';
import type { ReplayReport } from './report.js';
import type { Slower } from './slower.js';

/** A replay as a page that needs nothing else: no script, nothing from other hosts. */
export const htmlReport = (
  report: ReplayReport,
  slow: readonly Slower[],
  baseline?: ReplayReport,
): string => {
  const { calls, matched, different, failed, latency_ms: latency } = report;
  const good = different + failed + slow.length === 0;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Replay: ${good ? 'as recorded' : 'differences'}</title><style>${pageStyle}</style></head><body>
<h1>Replay: <span class="${good ? 'good' : 'bad'}">${verdict(report, slow)}</span></h1>
<p class="soft">${escapedXml(report.recordings.join(', '))} → ${escapedXml(report.target)}, ${escapedXml(report.rate)}, ${report.users} ${report.users === 1 ? 'user' : 'users'}, ${report.seconds} s, ${escapedXml(report.finished_at)}</p>
${tableOf(['Calls', 'As recorded', 'Different', 'Failed', 'Calls a second', 'p50 ms', 'p99 ms', 'p99.9 ms', 'Max ms', 'Sent late by'], [[calls, matched, different, failed, report.per_second, latency.p50, latency.p99, latency.p999, latency.max, `${report.late_ms} ms`]])}
<h2>Latency</h2><p class="soft">From the time at which a call was to be sent: what the target made others wait is in it.</p>
${latencyPlot(report, baseline)}
<h2>Over time</h2>
${seriesPlot(report)}
<h2>By name</h2>
${tableOf(
  ['Name', 'Calls', 'As recorded', 'Different', 'Failed', 'Not compared', 'p50 ms', 'p99 ms', 'Max ms'],
  report.by_name.map((one) => [
    one.name,
    one.calls,
    one.matched,
    one.different,
    one.failed,
    one.uncompared,
    one.latency_ms.p50,
    one.latency_ms.p99,
    one.latency_ms.max,
  ]),
)}
${section(
  'Slower than the baseline',
  ['Name', 'Percentile', 'Before, ms', 'Now, ms'],
  slow.map((one) => [one.name ?? 'all calls', one.percentile, one.before, one.now]),
)}
${section(
  'Differences',
  ['Name', 'Where', 'Times', 'Recorded', 'Now', 'First in call'],
  report.differences.map((one) => [
    one.name,
    one.at === '' ? '/' : one.at,
    one.count,
    one.expected,
    one.actual,
    one.call,
  ]),
  'words',
)}
${section('Not compared', ['Why', 'Calls'], Object.entries(report.uncompared))}
${section(
  'Notes',
  ['Note'],
  report.warnings.map((one) => [one]),
  'words',
)}
</body></html>
`;
};

const verdict = ({ different, failed }: ReplayReport, slow: readonly Slower[]): string => {
  if (different + failed > 0)
    return `${different + failed} ${different + failed === 1 ? 'call was' : 'calls were'} answered otherwise`;
  return slow.length > 0 ? 'as recorded, but slower' : 'as recorded';
};

const latencyPlot = ({ percentiles }: ReplayReport, baseline: ReplayReport | undefined): string => {
  // 99 % stands as far from 90 % as 99.9 % from 99 %.
  const place = (percent: number): number => -Math.log10(Math.max(1 - percent / 100, 1e-7));
  const line = (points: ReplayReport['percentiles']) =>
    points.filter(([percent]) => percent < 100).map(([percent, ms]) => [place(percent), ms] as const);
  return plot({
    label: 'Latency by percentile',
    x: { ticks: [50, 90, 99, 99.9, 99.99, 99.999].map((percent) => [place(percent), `${percent} %`]) },
    y: { unit: 'ms' },
    lines: [
      { name: 'now', points: line(percentiles) },
      ...(baseline === undefined ? [] : [{ name: 'baseline', points: line(baseline.percentiles) }]),
    ],
  });
};

const seriesPlot = ({ series }: ReplayReport): string =>
  plot({
    label: 'Calls a second',
    x: { unit: 's' },
    y: { unit: '/s' },
    lines: [
      { name: 'calls', points: series.map(({ at, seconds, calls }) => [at, calls / seconds] as const) },
    ],
  }) +
  plot({
    label: 'Latency over time',
    x: { unit: 's' },
    y: { unit: 'ms' },
    lines: (['p50', 'p99'] as const).map((name) => ({
      name,
      points: series.filter(({ calls }) => calls > 0).map((one) => [one.at, one[name] / 1000] as const),
    })),
  });

type Cell = string | number;

const section = (
  title: string,
  head: readonly string[],
  rows: readonly (readonly Cell[])[],
  kind = '',
): string => (rows.length === 0 ? '' : `<h2>${title}</h2>\n${tableOf(head, rows, kind)}`);

const tableOf = (head: readonly string[], rows: readonly (readonly Cell[])[], kind = ''): string =>
  `<div class="scroll"><table class="${kind}"><thead><tr>${head.map((cell) => `<th>${escapedXml(cell)}</th>`).join('')}</tr></thead><tbody>${rows
    .map((row) => `<tr>${row.map((cell) => `<td>${escapedXml(String(cell))}</td>`).join('')}</tr>`)
    .join('\n')}</tbody></table></div>`;
