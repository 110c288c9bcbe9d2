/** Requests and answers, recorded to be replayed. */
import { Type } from '@sinclair/typebox';
import { limits } from '../limits.js';
import { count, share, size } from './kinds.js';
import { finding } from './redact.js';

const closed = { additionalProperties: false } as const;

export const record = Type.Object(
  {
    to: Type.String({ minLength: 1, description: 'The folder for the files; made if it is not there.' }),
    sample: Type.Optional(share('The share of sessions that is recorded, each of them whole.', 1)),
    redact: Type.Optional(
      Type.Array(Type.Object(finding, { ...closed, description: 'A rule, for all that is recorded.' }), {
        maxItems: 200,
        description:
          'What is taken out of the recording, besides all that the rules under `redact` find: these hold for a recording whatever server, tool, tenant and direction they are for.',
      }),
    ),
    ignore: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 1024, description: 'A JSON path.' }), {
        maxItems: 200,
        description:
          'Where answers may differ when they are replayed: JSON paths such as `$.result.structuredContent.time`, or `$..updatedAt`.',
      }),
    ),
    max_size: Type.Optional(
      size(
        'A file that is larger than this, as it is on disk, is followed by the next.',
        limits.recordingFileBytes,
      ),
    ),
    keep: Type.Optional(
      count('Files that stay in the folder; the oldest is deleted.', limits.recordingFilesKept, 10_000),
    ),
  },
  { ...closed, description: 'Requests and answers, recorded to be replayed.' },
);
