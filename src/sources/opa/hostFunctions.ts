import { createHash } from 'node:crypto';

/** Nanoseconds, and perhaps a time zone. */
type Moment = number | readonly [number, string];

const parts = (moment: Moment): Record<string, string> => {
  const [ns, zone] = typeof moment === 'number' ? [moment, 'UTC'] : moment;
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone === '' ? 'UTC' : zone,
    weekday: 'long',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
    hourCycle: 'h23',
  });
  return Object.fromEntries(
    format.formatToParts(ns / 1e6).map(({ type, value }): [string, string] => [type, value]),
  );
};

const numbers = (moment: Moment, ...names: readonly string[]): readonly number[] => {
  const found = parts(moment);
  return names.map((name) => Number(found[name]));
};

const rfc3339 = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

/**
 * Functions of Rego that WebAssembly has not and policies of a gateway need: the time of day, digests. Times are exact to the
 * millisecond. What none of them can say is undefined in Rego.
 */
export const hostFunctions: Readonly<Record<string, (...args: never[]) => unknown>> = {
  'time.now_ns': () => Date.now() * 1e6,
  'time.parse_rfc3339_ns': (text: string) => (rfc3339.test(text) ? Date.parse(text) * 1e6 : undefined),
  'time.clock': (moment: Moment) => numbers(moment, 'hour', 'minute', 'second'),
  'time.date': (moment: Moment) => numbers(moment, 'year', 'month', 'day'),
  'time.weekday': (moment: Moment) => parts(moment)['weekday'],
  'crypto.sha256': (text: string) => createHash('sha256').update(text).digest('hex'),
  trace: () => true,
};

/** Those that the package brings itself. `regex.split` is not among them: it takes a pattern that can be slow without end. */
export const packageFunctions: readonly string[] = [
  'json.is_valid',
  'sprintf',
  'yaml.is_valid',
  'yaml.marshal',
  'yaml.unmarshal',
];
