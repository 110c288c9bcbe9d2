import { checkNames } from './checkNames.js';
import { childPointer } from './pointer.js';
import type { Report } from './report.js';
import type { RawConfig } from './schema.js';

/** Limits without a rate, with two, or on servers that there are not. */
export const checkLimits = ({ limits = {}, servers, consul }: RawConfig, report: Report): void => {
  for (const [name, limit] of Object.entries(limits)) {
    const pointer = childPointer('/limits', name);
    if (!report.sound(pointer)) continue;
    const { requests_per_minute: perMinute, rate } = limit;
    if ((perMinute === undefined) === (rate === undefined))
      report.add(
        pointer,
        rate === undefined ? 'A limit needs to say how much' : 'A limit has one rate',
        rate === undefined ? 'Add `requests_per_minute` or `rate`' : 'Remove `requests_per_minute` or `rate`',
        'key',
      );
    // What the file does not know may be discovered.
    if (consul === undefined && servers !== undefined)
      checkNames(limit.servers ?? [], `${pointer}/servers`, Object.keys(servers), report);
  }
};
