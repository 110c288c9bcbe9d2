import cluster from 'node:cluster';
import type { WorkerProcess } from '../gateway/workers/crewWorker.js';

/** Starts this program once more, as a worker (see serveWorker.ts) that shares the listeners of this one. */
export const forkWorker = (): WorkerProcess => {
  // Copies of bytes and of what is undefined arrive as they are, other than in JSON.
  cluster.setupPrimary({ exec: process.argv[1] ?? '', args: ['worker'], serialization: 'advanced' });
  return cluster.fork().process;
};
