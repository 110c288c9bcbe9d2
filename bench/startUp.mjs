/**
 * From the start of a process until it has answered its first call, and the memory that it has then: of the bare proxy, and of Sluice as it
 * comes. It is asked again and again until it answers.
 */
import { readFileSync } from 'node:fs';
import { messageOf, openConnection } from './connection.mjs';
import { markdownTable } from './markdownTable.mjs';
import { median } from './median.mjs';
import { spawnSluice, startBackend, startBareProxy, stopAll } from './targets.mjs';
import { modernCall } from './workloads.mjs';

const askAgainMs = 5;

const pause = () => new Promise((resolve) => setTimeout(resolve, askAgainMs));

/** Whether a call is answered as it should be. */
const isAnswered = async (port, tool) => {
  try {
    const answer = await new Promise((resolve, reject) => {
      openConnection(port, reject).then((connection) => {
        connection.send(modernCall(port, 1, tool, { text: 'first' }), (got) => {
          connection.close();
          resolve(got);
        });
      }, reject);
    });
    return answer.status === 200 && messageOf(answer).result?.content?.[0]?.text === 'first';
  } catch {
    return false; // Not listening yet.
  }
};

/** Resident memory of a process in bytes; undefined where there is no /proc. */
const residentOf = (pid) => {
  try {
    return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) * 1024;
  } catch {
    return undefined;
  }
};

const targets = {
  async 'bare-node'(backendPort) {
    const { port, pid } = await startBareProxy(backendPort);
    return { port, pid, tool: 'echo', isOver: () => false };
  },
  async sluice(backendPort) {
    const { port, child } = await spawnSluice(backendPort);
    return { port, pid: child.pid, tool: 'bench_echo', isOver: () => child.exitCode !== null };
  },
};

const measure = async (target) => {
  const { port: backendPort } = await startBackend();
  const beganAt = performance.now();
  const { port, pid, tool, isOver } = await targets[target](backendPort);
  while (!(await isAnswered(port, tool))) {
    if (isOver() || performance.now() > beganAt + 60_000) throw new Error(`${target} did not start`);
    await pause();
  }
  const figures = { ms: performance.now() - beganAt, rss_bytes: residentOf(pid) };
  await stopAll();
  return figures;
};

/** @returns a row for each target, medians of the rounds */
export const measureStartUp = async ({ rounds }) => {
  const cells = Object.keys(targets).map((target) => ({ target, rounds: [] }));
  for (let round = 0; round < rounds; round++)
    for (const cell of cells) cell.rounds.push(await measure(cell.target));
  return cells.map(({ target, rounds: own }) => ({
    target,
    ms: median(own.map((one) => one.ms)),
    rss_bytes: median(own.map((one) => one.rss_bytes)),
  }));
};

/** The rows as a Markdown table. */
export const startUpTable = (rows) => {
  const lines = rows.map(({ target, ms, rss_bytes: rss }) => [
    target,
    ms.toFixed(0),
    (rss / 1024 ** 2).toFixed(0),
  ]);
  return markdownTable([['start', 'first answer after ms', 'RSS MiB'], ...lines], (n) => n === 0);
};
