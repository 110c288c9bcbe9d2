import { readFileSync } from 'node:fs';

/** Clock ticks a second of /proc; 100 on every Linux that Node runs on. */
const ticksPerSecond = 100;

/**
 * CPU time that a process has used so far, all its threads, in seconds.
 *
 * @param {number} pid
 * @returns {number | undefined} undefined where there is no /proc
 */
export const cpuTime = (pid) => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may contain spaces; the fields behind it can't. utime and stime are fields 14 and 15.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
  } catch {
    return undefined;
  }
};

/** The same of a process and the children it has now. */
export const cpuTimeOfAll = (pid) => {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    const pids = [pid, ...children.split(' ').filter((text) => text !== '')];
    return pids.reduce((sum, each) => sum + (cpuTime(each) ?? 0), 0);
  } catch {
    return undefined;
  }
};
