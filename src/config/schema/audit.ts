/** The audit trail: what has happened, for those who have to answer for it. */
import { Type } from '@sinclair/typebox';
import { limits } from '../limits.js';
import { count, size, stateKey } from './kinds.js';

export const audit = Type.Object(
  {
    file: Type.String({
      minLength: 1,
      description:
        'Where records are appended, a JSON object a line. Each of several workers has a file of its own: `audit.ndjson` becomes `audit.worker-1.ndjson`.',
    }),
    max_size: Type.Optional(
      size('The file is put aside when it is larger than this.', limits.auditFileBytes),
    ),
    keep: Type.Optional(count('Files kept aside; the oldest is deleted.', limits.auditFilesKept, 1000)),
    chain: Type.Optional(
      Type.Boolean({
        description:
          'Whether each record carries the hash of the one before, so that `sluice audit verify` finds removed and changed ones.',
        default: true,
      }),
    ),
    key_file: Type.Optional(
      Type.String({ minLength: 1, description: 'Or a file with the key, read when the gateway starts.' }),
    ),
    key: Type.Optional(
      stateKey(
        'A secret for the hashes (HMAC): without it nobody can write the chain anew. An empty one is none.',
      ),
    ),
  },
  { additionalProperties: false, description: 'A record of every request, kept in files.' },
);
