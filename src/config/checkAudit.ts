import type { Report } from './report.js';
import type { RawConfig } from './schema.js';

/** An audit trail goes somewhere, and what is said of a place is said of one that there is. */
export const checkAudit = ({ audit }: RawConfig, report: Report): void => {
  if (audit === undefined || !report.sound('/audit')) return;
  const { file, stdout, http, otlp } = audit;
  const hasReceiver = http !== undefined || otlp !== undefined;
  if (file === undefined && stdout !== true && !hasReceiver)
    report.add(
      '/audit',
      'The audit trail goes nowhere',
      'Write `file: ./audit.ndjson`, or `stdout`, `http` or `otlp`',
    );
  for (const key of ['max_size', 'keep', 'chain', 'key'] as const)
    if (file === undefined && audit[key] !== undefined)
      report.add(`/audit/${key}`, `\`${key}\` is about a file, and there is none`, 'Add `file`', 'key');
  for (const key of ['spool', 'max_spool'] as const)
    if (!hasReceiver && audit[key] !== undefined)
      report.add(
        `/audit/${key}`,
        `\`${key}\` is about receivers, and there is none`,
        'Add `http` or `otlp`',
        'key',
      );
};
