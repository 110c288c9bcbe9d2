import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { within } from '../../support/within.js';

/** What became of the calls of one tool. */
export interface ToolReport {
  readonly calls: number;
  /** Keys of the calls that were answered with success. */
  readonly done: readonly string[];
  readonly failures: number;
  /** What the first of them were told. */
  readonly failed: readonly string[];
  /** Answers that were doubled, incomplete or another's, and called a success. */
  readonly wrong: readonly string[];
  /** Failures of which a part had arrived before. */
  readonly cutShort: number;
  /** From the moment a call was due until it was answered. */
  readonly slowestMs: number;
  readonly p99Ms: number;
}

export interface LoadReport {
  readonly calls: number;
  /** The rate at which they were sent. */
  readonly perSecond: number;
  readonly unanswered: number;
  /** How late the latest hundredth was sent at least. */
  readonly lateMs: number;
  readonly tools: Readonly<Record<string, ToolReport>>;
}

export interface LoadPlan {
  readonly port: number;
  readonly perSecond: number;
  /** Tools, one call after the other; `parts` of a streamed answer, or 0. */
  readonly rota: readonly { readonly tool: string; readonly parts: number }[];
}

/** A constant load, made by a process of its own. */
export interface Load {
  /** Resolves when so many more calls have come: with what the slowest hundredth of all has taken so far, in milliseconds. */
  after(calls: number): Promise<number>;
  /** No more calls; what became of all, when the last has ended. */
  stop(): Promise<LoadReport>;
  close(): void;
}

const entry = fileURLToPath(new URL('../../../bench/openLoad.mjs', import.meta.url));

export const startLoad = (plan: LoadPlan): Load => {
  const child = fork(entry);
  child.send({ start: plan });
  const answer = async (ms: number, what: string, question: object): Promise<unknown> => {
    const answered = once(child, 'message');
    child.send(question);
    const [message] = (await within(ms, what, answered)) as [unknown];
    return message;
  };
  return {
    async after(calls) {
      const { p99Ms } = (await answer(30_000, `${calls} more calls`, { after: calls })) as { p99Ms: number };
      return p99Ms;
    },
    async stop() {
      const { report } = (await answer(30_000, 'the end of the load', { stop: true })) as {
        report: LoadReport;
      };
      return report;
    },
    close: () => child.disconnect(),
  };
};
