import { readFile } from 'node:fs/promises';
import { isObject } from '../protocol/jsonrpc.js';
import { RecordingError } from './recordingError.js';
import type { Latency, ReplayReport } from './report.js';

/** Something that has become slower. */
export interface Slower {
  /** The tool, prompt or method; undefined for all calls together. */
  readonly name: string | undefined;
  readonly percentile: 'p50' | 'p99';
  readonly before: number;
  readonly now: number;
}

/** Fewer calls have no percentile worth comparing. */
const fewest = { p50: 20, p99: 500 } as const;
/** What a clock and a scheduler make of nothing at all, in milliseconds. */
const noise = 0.5;

/** The report of an earlier replay. @throws RecordingError for a file that is none */
export const baselineIn = async (path: string): Promise<ReplayReport> => {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    throw new RecordingError(`The baseline ${path} can not be read`, { cause });
  }
  if (!isObject(value) || value['kind'] !== 'replay' || value['version'] !== 1)
    throw new RecordingError(`${path} is no report of a replay`, {
      remedy: ['Make one: sluice replay … --json baseline.json'],
    });
  return value as unknown as ReplayReport;
};

/**
 * What takes longer than it did.
 *
 * @param tolerance how much longer it may take, as a share: 0.2 for a fifth
 */
export const slower = (now: ReplayReport, before: ReplayReport, tolerance: number): readonly Slower[] => {
  const known = new Map(before.by_name.map((one) => [one.name, one]));
  const pairs = now.by_name.flatMap((one) => {
    const other = known.get(one.name);
    return other === undefined
      ? []
      : [
          {
            name: one.name,
            calls: Math.min(one.calls, other.calls),
            here: one.latency_ms,
            there: other.latency_ms,
          },
        ];
  });
  const all = {
    name: undefined,
    calls: Math.min(now.calls, before.calls),
    here: now.latency_ms,
    there: before.latency_ms,
  };
  return [all, ...pairs].flatMap(({ name, calls, here, there }) =>
    (['p50', 'p99'] as const)
      .filter((percentile) => calls >= fewest[percentile] && isSlower(here, there, percentile, tolerance))
      .map((percentile) => ({ name, percentile, before: there[percentile], now: here[percentile] })),
  );
};

const isSlower = (here: Latency, there: Latency, at: 'p50' | 'p99', tolerance: number): boolean =>
  here[at] > there[at] * (1 + tolerance) + noise;
