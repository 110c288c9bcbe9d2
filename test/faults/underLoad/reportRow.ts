import type { BackendKind } from './backend.js';
import type { Harm } from './harms.js';
import type { Measured } from './hurtUnderLoad.js';
import type { ToolReport } from './startLoad.js';

const none: ToolReport = {
  calls: 0,
  done: [],
  failures: 0,
  failed: [],
  wrong: [],
  cutShort: 0,
  slowestMs: 0,
  p99Ms: 0,
};

/** One row of the table in docs/resilience.md; its head is there. */
export const reportRow = (
  kind: BackendKind,
  { name }: Harm,
  { perSecond, tools, done, recoveriesMs }: Measured,
): string => {
  const of = (what: string): ToolReport => tools[`many_${what}`] ?? none;
  const [reads, pays, exports, transfers] = [of('read'), of('pay'), of('export'), of('transfer')];
  const unsafe = done.filter((line) => /^(pay|transfer) /.test(line));
  const cells = [
    name,
    kind,
    Math.round(perSecond),
    reads.calls,
    reads.failures,
    Math.round(reads.p99Ms),
    Math.round(reads.slowestMs),
    pays.calls,
    pays.failures,
    exports.calls + transfers.calls,
    `${exports.failures + transfers.failures}`,
    unsafe.length - new Set(unsafe).size,
    Math.max(...recoveriesMs),
  ];
  return `| ${cells.join(' | ')} |`;
};
