const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });
const rates = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });
const times = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const days = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });

/** Percents to a tenth; what is there but less is not told as nothing. */
const share = (percent: number): string =>
  percent > 0 && percent < 0.1 ? '< 0.1' : String(Math.round(percent * 10) / 10);

/** What is shown where nothing is known. */
const none = '–';

/** Numbers and times as the console writes them; what is undefined becomes a dash. */
export const format = {
  none,
  count: (value: number | undefined): string => (value === undefined ? none : whole.format(value)),
  /** 12,345 as 12.3K. */
  short: (value: number | undefined): string => (value === undefined ? none : short.format(value)),
  perSecond: (value: number | undefined): string => (value === undefined ? none : `${rates.format(value)}/s`),
  ms: (value: number | undefined): string => {
    if (value === undefined) return none;
    if (value >= 60_000) return `${rates.format(value / 60_000)} min`;
    if (value >= 1000) return `${rates.format(value / 1000)} s`;
    return value > 0 && value < 0.1 ? `${rates.format(value * 1000)} µs` : `${rates.format(value)} ms`;
  },
  bytes: (value: number | undefined): string => {
    if (value === undefined) return none;
    return value < 1024 ? `${value} B` : `${rates.format(value / 1024)} KiB`;
  },
  percent: (part: number, all: number): string => (all === 0 ? none : `${share((100 * part) / all)} %`),
  /** The hour of today, the date with it for another day. */
  time: (iso: string | undefined): string => {
    if (iso === undefined) return none;
    const date = new Date(iso);
    if (Number.isNaN(date.getTime())) return iso;
    return (date.toDateString() === new Date().toDateString() ? times : days).format(date);
  },
  /** How long a process has been up. */
  duration: (seconds: number): string => {
    const parts = [
      [86_400, 'd'],
      [3600, 'h'],
      [60, 'min'],
      [1, 's'],
    ] as const;
    const first = parts.findIndex(([size]) => seconds >= size);
    if (first === -1) return '0 s';
    return parts
      .slice(first, first + 2)
      .map(([size, unit], index) => {
        const larger = index === 0 ? Infinity : (parts[first]?.[0] ?? Infinity);
        return `${Math.floor((seconds % larger) / size)} ${unit}`;
      })
      .join(' ');
  },
} as const;
