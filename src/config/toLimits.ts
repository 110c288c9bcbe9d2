import type { LimitedBy, RateLimitSettings, ScopedLimitSettings } from './rateLimitSettings.js';
import type { RawConfig } from './schema.js';
import type { RawQuotas, RawRateLimit } from './schema/rates.js';

const second = 1000;
const day = 86_400 * second;

/** By the first letter of the unit: `s`, `min`, `h`, `day` and their longer forms. */
const periods: Readonly<Record<string, number>> = {
  s: second,
  m: 60 * second,
  h: 3600 * second,
  d: day,
};

/** `limits`: what is limited everywhere, or by the names of servers and tools. */
export const toLimits = (raw: NonNullable<RawConfig['limits']>): readonly ScopedLimitSettings[] =>
  Object.entries(raw).map(([key, limit]) => {
    const { requests_per_minute: perMinute, rate, burst_size: burst, by, servers, tools } = limit;
    const named = servers !== undefined || tools !== undefined;
    return {
      ...bucket(`limits.${key}`, rate ?? `${perMinute ?? 1}/min`, burst, by),
      ...(!named && key !== '*' && { either: key }),
      ...(servers !== undefined && { servers }),
      ...(tools !== undefined && { tools }),
    };
  });

/** `rate_limit` of a server or a tool: a rate, or one with what else there is to say. @param name where it stands */
export const toRateLimit = (name: string, raw: RawRateLimit): RateLimitSettings =>
  typeof raw === 'string' ? bucket(name, raw) : bucket(name, raw.rate, raw.burst, raw.by);

const bucket = (name: string, rate: string, burst?: number, by: LimitedBy = 'user'): RateLimitSettings => {
  const [amount = '', unit = ''] = rate.split('/');
  const count = Number(amount);
  const max = burst ?? count;
  return { name, by, kind: 'bucket', max, windowMs: (max * (periods[unit.charAt(0)] ?? day)) / count };
};

/** The quotas of a tenant. */
export const toQuotas = (tenant: string, raw: RawQuotas): readonly RateLimitSettings[] => {
  const name = `tenants.${tenant}.quotas`;
  const { requests_per_day: daily, requests_per_month: monthly } = raw;
  return [
    ...(daily === undefined ? [] : [quota(`${name}.requests_per_day`, 'quota', daily, day)]),
    ...(monthly === undefined ? [] : [quota(`${name}.requests_per_month`, 'month', monthly, 31 * day)]),
  ];
};

const quota = (name: string, kind: 'quota' | 'month', max: number, windowMs: number): RateLimitSettings => ({
  name,
  by: 'tenant',
  kind,
  max,
  windowMs,
});
