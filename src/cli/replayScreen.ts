import type { ReplayReport } from '../replay/report.js';
import type { Slower } from '../replay/slower.js';
import type { Tally } from '../replay/tally.js';
import { printable } from './printable.js';
import { table } from './table.js';
import { coloursOf, type Terminal } from './terminal.js';

/** Shows how a replay goes, and what it has found. */
export interface ReplayScreen {
  /** How many bytes of a file have been read. */
  readonly read: (path: string, bytes: number) => void;
  /** It goes no further. */
  end(): void;
  show(report: ReplayReport, slow: readonly Slower[]): void;
}

/** How often the live table is drawn, in milliseconds. */
const drawMs = 500;
const barWidth = 30;
const mostNames = 15;
const mostDifferences = 20;

/** @param bytes of all files; 0 where nobody knows how far it will go */
export const replayScreen = (tally: Tally, bytes: number, terminal: Terminal): ReplayScreen => {
  const { stdout, stderr, env } = terminal;
  const { green, red, dim } = coloursOf(stderr, env);
  const read = new Map<string, number>();
  let drawn = 0;

  const draw = (): void => {
    const lines = [progress(), ...(tally.byName.size === 0 ? [] : live().split('\n'))];
    erase();
    stderr.write(`${lines.join('\n')}\n`);
    drawn = lines.length;
  };
  const erase = (): void => {
    if (drawn > 0) stderr.write(`\u001B[${drawn}A\u001B[J`);
    drawn = 0;
  };
  const progress = (): string => {
    const done =
      bytes === 0 ? undefined : Math.min(1, [...read.values()].reduce((sum, one) => sum + one, 0) / bytes);
    const bar =
      done === undefined
        ? ''
        : `${green('━'.repeat(Math.round(done * barWidth)))}${dim('━'.repeat(barWidth - Math.round(done * barWidth)))} ${Math.round(done * 100)} %  `;
    const wrong = tally.different + tally.failed;
    return (
      `${bar}${Math.round(tally.seconds)} s  ${tally.sent} sent, ${tally.inFlight} under way, ` +
      (wrong === 0 ? green('all as recorded') : red(`${wrong} otherwise`))
    );
  };
  const live = (): string =>
    table(
      ['NAME', 'CALLS', 'OTHERWISE', 'P50 MS', 'P99 MS', 'MAX MS'],
      [...tally.byName.values()]
        .sort((one, other) => other.calls - one.calls)
        .slice(0, mostNames)
        .map(({ name, calls, different, failed, latency }) => [
          printable(name, stderr),
          String(calls),
          String(different + failed),
          ...[50, 99, 100].map((percent) =>
            latency.totalCount === 0 ? '' : ms(latency.getValueAtPercentile(percent)),
          ),
        ]),
      stderr,
      env,
    );

  const timer = stderr.isTTY === true ? setInterval(draw, drawMs) : undefined;
  return {
    read: (path, count) => void read.set(path, count),
    end() {
      clearInterval(timer);
      erase();
    },
    show(report, slow) {
      stdout.write(`${names(report, terminal)}\n\n${summary(report)}\n`);
      if (report.differences.length > 0) stdout.write(`\n${differences(report, terminal)}\n`);
      for (const { name = 'all calls', percentile, before, now } of slow)
        stdout.write(`slower: ${printable(name, stdout)} ${percentile} ${before} → ${now} ms\n`);
      for (const warning of report.warnings) stderr.write(`note: ${printable(warning, stderr)}\n`);
    },
  };
};

const ms = (micros: number): string => (micros / 1000).toFixed(2);

const names = ({ by_name: all }: ReplayReport, { stdout, env }: Terminal): string =>
  table(
    ['NAME', 'CALLS', 'AS RECORDED', 'DIFFERENT', 'FAILED', 'NOT COMPARED', 'P50 MS', 'P99 MS', 'MAX MS'],
    all.map((one) => [
      printable(one.name, stdout),
      ...[one.calls, one.matched, one.different, one.failed, one.uncompared].map(String),
      ...[one.latency_ms.p50, one.latency_ms.p99, one.latency_ms.max].map((value) => value.toFixed(2)),
    ]),
    stdout,
    env,
  );

const summary = (report: ReplayReport): string => {
  const { calls, matched, different, failed, seconds, latency_ms: latency, uncompared } = report;
  const others = Object.entries(uncompared).map(([why, count]) => `${count} not compared: ${why}`);
  return [
    `${calls} calls in ${seconds} s (${report.per_second} a second): ${matched} as recorded, ${different} different, ${failed} failed`,
    `latency p50 ${latency.p50} ms, p90 ${latency.p90}, p99 ${latency.p99}, p99.9 ${latency.p999}, max ${latency.max}; sent at most ${report.late_ms} ms late`,
    ...others,
  ].join('\n');
};

const differences = ({ differences: all }: ReplayReport, { stdout, env }: Terminal): string => {
  const rows = all
    .slice(0, mostDifferences)
    .map(({ name, at, count, expected, actual }) =>
      [name, at === '' ? '/' : at, String(count), short(expected), short(actual)].map((cell) =>
        printable(cell, stdout),
      ),
    );
  const more =
    all.length > mostDifferences ? `\n… and ${all.length - mostDifferences} more: see --json or --html` : '';
  return `${table(['NAME', 'WHERE', 'TIMES', 'RECORDED', 'NOW'], rows, stdout, env)}${more}`;
};

const short = (text: string): string => (text.length <= 60 ? text : `${text.slice(0, 59)}…`);
