/** Analytics: the calls of the past as a table. */
import { Type } from '@sinclair/typebox';
import { limits } from '../limits.js';
import { count, days, duration, largeSize, size } from './kinds.js';

const closed = { additionalProperties: false } as const;

export const analytics = Type.Object(
  {
    path: Type.String({
      minLength: 1,
      description:
        'A folder for its files, made where it is missing. Each gateway has its own; workers of one gateway share it.',
    }),
    retention: Type.Optional(days('How long the calls of a day are kept.', limits.analyticsDays)),
    max_size: Type.Optional(
      largeSize('What all files may take together; the oldest days go first.', limits.analyticsBytes),
    ),
    query: Type.Optional(
      Type.Object(
        {
          timeout: Type.Optional(duration('Longest time of a query.', limits.analyticsQueryMs)),
          max_rows: Type.Optional(
            count(
              'Rows of an answer at most; an export may have a hundred times as many.',
              limits.analyticsRows,
              1_000_000,
            ),
          ),
          memory: Type.Optional(size('What all queries may use together.', limits.analyticsMemoryBytes)),
          threads: Type.Optional(count('Processors that queries may use.', limits.analyticsThreads, 256)),
        },
        { ...closed, description: 'What asking may cost.' },
      ),
    ),
  },
  { ...closed, description: 'Keeps all calls in files that can be asked in SQL (docs/analytics.md).' },
);
