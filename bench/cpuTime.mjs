import { readdirSync, readFileSync } from 'node:fs';

/**
 * CPU time that a process has used so far, all threads that it has, in seconds; exact to far less than a microsecond, which the ticks of
 * `/proc/PID/stat` (10 ms) are not.
 *
 * @param {number} pid
 * @returns {number | undefined} undefined where there is no /proc
 */
export const cpuTime = (pid) => {
  try {
    return readdirSync(`/proc/${pid}/task`).reduce((sum, task) => sum + threadTime(pid, task), 0) / 1e9;
  } catch {
    return undefined;
  }
};

/** In nanoseconds; none of a thread that has ended since it was listed. */
const threadTime = (pid, task) => {
  try {
    return Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ', 1)[0]);
  } catch {
    return 0;
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
