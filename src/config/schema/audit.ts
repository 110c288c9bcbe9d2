/** The audit trail: what has happened, for those who have to answer for it. */
import { Type } from '@sinclair/typebox';
import { limits } from '../limits.js';
import { count, duration, oneOf, size, stateKey, url } from './kinds.js';
import { serverCredentials } from './serverCredentials.js';

const closed = { additionalProperties: false } as const;

const format = Type.Optional(
  oneOf(['sluice', 'ocsf'], {
    description:
      'How records are written: as schema/audit-record.schema.json says, or as events of the Open Cybersecurity Schema Framework.',
    default: 'sluice',
  }),
);

const { oauth: _oauth, ...credentials } = serverCredentials;

const receiver = (description: string) => ({
  url: url(description),
  ...credentials,
  timeout: Type.Optional(duration('How long the receiver may take for one batch.', limits.auditTimeoutMs)),
});

export const audit = Type.Object(
  {
    file: Type.Optional(
      Type.String({
        minLength: 1,
        description:
          'Where records are appended, a JSON object a line. Each of several workers has a file of its own: `audit.ndjson` becomes `audit.worker-1.ndjson`.',
      }),
    ),
    max_size: Type.Optional(
      size('The file is put aside when it is larger than this.', limits.auditFileBytes),
    ),
    keep: Type.Optional(count('Files kept aside; the oldest is deleted.', limits.auditFilesKept, 1000)),
    chain: Type.Optional(
      Type.Boolean({
        description:
          'Whether each record of the file carries the hash of the one before, so that `sluice audit verify` finds removed and changed ones.',
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
    stdout: Type.Optional(
      Type.Boolean({
        description: 'Whether records are written to the standard output, a JSON object a line.',
        default: false,
      }),
    ),
    http: Type.Optional(
      Type.Object(
        { ...receiver('Where batches of records are sent: `POST`, a JSON object a line.'), format },
        { ...closed, description: 'A receiver of records.' },
      ),
    ),
    otlp: Type.Optional(
      Type.Object(receiver('Where logs are sent by OTLP/HTTP: `http://collector:4318/v1/logs`.'), {
        ...closed,
        description: 'An OpenTelemetry collector that gets each record as a log record.',
      }),
    ),
    spool: Type.Optional(
      Type.String({
        minLength: 1,
        default: 'audit-spool',
        description: 'Folder in which records wait for the receivers of `http` and `otlp`.',
      }),
    ),
    max_spool: Type.Optional(size('Most that waits for one receiver, by worker.', limits.auditSpoolBytes)),
    format,
    arguments: Type.Optional(
      Type.Boolean({
        description: 'Whether records have the arguments of tools and prompts, redacted as `redact` says.',
        default: false,
      }),
    ),
    on_overload: Type.Optional(
      oneOf(['drop', 'wait'], {
        description:
          'What happens where records come faster than they are taken: they are dropped, counted and told of; or calls wait until there is room.',
        default: 'drop',
      }),
    ),
  },
  { ...closed, description: 'A record of every request, each session, and what changes what is allowed.' },
);
