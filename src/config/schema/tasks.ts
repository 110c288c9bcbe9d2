/** The tasks that the gateway keeps for its clients. */
import { Type } from '@sinclair/typebox';
import { limits } from '../limits.js';
import { duration } from './kinds.js';

const closed = { additionalProperties: false } as const;

export const tasks = Type.Object(
  {
    ttl: Type.Optional(
      duration('How long a task is kept after it began, and the longest that it may take.', limits.taskTtlMs),
    ),
    max: Type.Optional(
      Type.Integer({ minimum: 1, description: 'Most tasks kept at once.', default: limits.maxTasks }),
    ),
    max_running: Type.Optional(
      Type.Integer({
        minimum: 1,
        description: 'Most tasks that the gateway itself runs at once.',
        default: limits.maxRunningTasks,
      }),
    ),
    poll_interval: Type.Optional(
      duration('How often clients are told to ask how a task stands.', limits.taskPollMs),
    ),
  },
  {
    ...closed,
    description: 'Tasks: calls whose result is fetched later. Tools are made tasks by `task: true`.',
  },
);
