/** How long the parts of a call may take. */
import { Type, type Static } from '@sinclair/typebox';
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

export type OwnTimeouts = Static<typeof ownTimeouts>;
