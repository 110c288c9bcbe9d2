/** The secrets that clients carry sealed texts of, and how long those hold. */
import { Type } from '@sinclair/typebox';
import { limits } from '../limits.js';
import { duration, stateKey } from './kinds.js';

export const state = Type.Object(
  {
    keys: Type.Optional(
      Type.Array(stateKey('A secret; an empty one is left out.'), {
        description:
          'Secrets, the newest first: it seals, all open. The same for all instances that share clients. Default: made and rotated by the instances on a Hazelcast cluster, else one made at each start.',
      }),
    ),
    keys_file: Type.Optional(
      Type.String({
        minLength: 1,
        description:
          'Instead of `keys`: a file with one a line, the newest first, lines with # left out. It is read again when it changes.',
      }),
    ),
    ttl: Type.Optional(
      duration(
        'How long a client may take to answer what a server asks in the middle of a call.',
        limits.stateTtlMs,
      ),
    ),
  },
  {
    additionalProperties: false,
    description:
      'What clients hold for the gateway between two requests (`requestState`, cursors of lists), sealed so that nobody else can make or read it.',
  },
);
