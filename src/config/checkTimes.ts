import { limits } from './limits.js';
import { milliseconds } from './milliseconds.js';
import { childPointer } from './pointer.js';
import type { Report } from './report.js';
import type { RawConfig } from './schema.js';
import type { OwnTimeouts } from './schema/times.js';
import type { RawTimes } from './toTimes.js';

const parts = ['connect', 'first_byte', 'idle'] as const;

/** Time limits that contradict each other: a part that may take longer than all of it, an all beyond the hard cap. */
export const checkTimes = ({ timeouts = {}, servers }: RawConfig, report: Report): void => {
  if (!report.sound('/timeouts')) return;
  const cap = timeouts.max_call;
  const check = (pointer: string, own: OwnTimeouts, above: OwnTimeouts): OwnTimeouts => {
    const all = { ...above, ...own };
    checkParts(pointer, own, all, report);
    checkCap(`${pointer}/total`, own.total, cap, report);
    return all;
  };
  const { call: _call, list: _list, max_call: _cap, ...ofAll } = timeouts;
  check('/timeouts', ofAll, {});
  for (const [name, server] of Object.entries(servers ?? {})) {
    const pointer = childPointer('/servers', name);
    if (!report.sound(pointer)) continue;
    checkShadow(pointer, server, report);
    const ofServer = check(`${pointer}/timeouts`, server.timeouts ?? {}, ofAll);
    for (const [tool, rule] of Object.entries(server.tools ?? {})) {
      const at = childPointer(`${pointer}/tools`, tool);
      checkShadow(at, rule, report);
      check(`${at}/timeouts`, rule.timeouts ?? {}, ofServer);
    }
  }
};

const checkParts = (pointer: string, own: OwnTimeouts, all: OwnTimeouts, report: Report): void => {
  const { total } = all;
  if (total === undefined) return;
  for (const part of parts) {
    const value = all[part];
    if (value === undefined || (own[part] === undefined && own.total === undefined)) continue;
    if (milliseconds(value) <= milliseconds(total)) continue;
    const at = own[part] === undefined ? 'total' : part;
    report.add(
      `${pointer}/${at}`,
      `\`${part}\` is longer than \`total\`, which ends the call before`,
      'Make `total` the longest of them',
    );
  }
};

const checkCap = (
  pointer: string,
  total: OwnTimeouts['total'],
  cap: string | number | undefined,
  report: Report,
): void => {
  const capMs = cap === undefined ? limits.maxCallMs : milliseconds(cap);
  if (total === undefined || milliseconds(total) <= capMs) return;
  report.add(
    pointer,
    `\`total\` is longer than \`timeouts.max_call\`${cap === undefined ? ' (10m unless set)' : ''}, which no call may exceed`,
    'Raise `timeouts.max_call`, or lower this one',
  );
};

/** `timeout` stands for both; where both are written it says nothing. */
const checkShadow = (pointer: string, { timeout, timeouts = {} }: RawTimes, report: Report): void => {
  if (timeout === undefined || timeouts.first_byte === undefined || timeouts.idle === undefined) return;
  report.add(
    `${pointer}/timeout`,
    '`timeout` says nothing here: `timeouts.first_byte` and `timeouts.idle` both say otherwise',
    'Remove it, or one of them',
    'key',
  );
};
