/** How long the parts of a call may take. */
import { Type, type Static } from '@sinclair/typebox';
import { limits } from '../limits.js';
import { duration } from './kinds.js';

/**
 * The limits that can be set for all servers, for one and for one tool.
 *
 * @param connectMs the default of `connect`; undefined where it is that of the level above
 * @param silence what stands in for `first_byte` and `idle`
 * @param total what stands in for `total`
 */
export const timeLimits = (connectMs: number | undefined, silence: string, total: string) => ({
  connect: Type.Optional(
    duration('Longest time until an instance is reached; another one is tried then.', connectMs),
  ),
  first_byte: Type.Optional(
    duration(`Longest time until the first part of an answer comes. Default: ${silence}.`),
  ),
  idle: Type.Optional(duration(`Longest silence between two parts of an answer. Default: ${silence}.`)),
  total: Type.Optional(duration(`Longest time for all of a call, however lively. Default: ${total}.`)),
});

/** The same, for a server or a tool. */
export const ownTimeouts = Type.Object(timeLimits(undefined, '`timeout`', "the level above's"), {
  additionalProperties: false,
  description: 'Limits for the parts of a call. What is not given is that of the level above.',
});

/** How many calls a server works on at a time. */
export const concurrency = Type.Object(
  {
    max: Type.Integer({
      minimum: 1,
      maximum: 100_000,
      description:
        'Most calls under way to all its instances together; a call holds its place until it has ended.',
    }),
    queue: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 100_000,
        description: 'So many more wait for their turn, in the order they came. One more is refused.',
        default: limits.queuedCalls,
      }),
    ),
    wait: Type.Optional(duration('Longest time that one waits.', limits.queueWaitMs)),
  },
  {
    additionalProperties: false,
    description: 'How many calls it works on at a time. Default: no limit but `streams.per_server`.',
  },
);

export type OwnTimeouts = Static<typeof ownTimeouts>;
