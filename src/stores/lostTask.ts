import type { TaskRecord } from '../streams/taskStore.js';
import { instanceLost } from './instanceLost.js';

/** A task whose instance is gone: it has failed, for nobody could ever end it. @param now milliseconds since the epoch */
export const lostTask = (record: TaskRecord, now: number): TaskRecord => {
  const error = instanceLost('task').toJsonRpc();
  const { inputRequests: _inputRequests, ...task } = record.task;
  return {
    ...record,
    task: {
      ...task,
      status: 'failed',
      statusMessage: error.message,
      error,
      lastUpdatedAt: new Date(now).toISOString(),
    },
  };
};
