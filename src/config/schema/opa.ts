/** Decisions by Open Policy Agent. */
import { Type, type Static } from '@sinclair/typebox';
import { limits } from '../limits.js';
import { count, duration, durationOrZero, size, url } from './kinds.js';

const closed = { additionalProperties: false } as const;

const place = 'a file (relative to this one), a URL, or `consul:KEY`';
const path = Type.String({
  minLength: 1,
  maxLength: 512,
  pattern: '^[^/?#\\s]+(/[^/?#\\s]+)*$',
  description:
    'The decision to ask for: a rule (`sluice/allow`) or a package whose document is the decision. Default: `sluice/allow`.',
});

const source = {
  bundle: Type.Optional(
    Type.String({
      minLength: 1,
      description: `A bundle compiled to WebAssembly (\`opa build -t wasm\`): ${place}.`,
    }),
  ),
  rego: Type.Optional(
    Type.Unsafe<string | string[]>({
      type: ['string', 'array'],
      minLength: 1,
      items: { type: 'string', minLength: 1 },
      minItems: 1,
      description:
        'Policies as Rego, compiled with the `opa` program: files and folders of `.rego` and data, or `consul:KEY`.',
    }),
  ),
  url: Type.Optional(url('An OPA server, by its address without `/v1`.')),
  path: Type.Optional(path),
};

export const opa = Type.Object(
  {
    ...source,
    program: Type.Optional(
      Type.String({
        minLength: 1,
        default: 'opa',
        description: 'The `opa` program that compiles Rego: a name to be found in PATH, or a file.',
      }),
    ),
    timeout: Type.Optional(duration('How long an OPA server may take for an answer.', limits.opaTimeoutMs)),
    cache_ttl: Type.Optional(
      durationOrZero(
        'How long an answer of an OPA server is remembered, for the very same question.',
        limits.opaCacheMs,
      ),
    ),
    cache_max: Type.Optional(count('Most answers remembered.', limits.opaCached, 1_000_000)),
    poll: Type.Optional(duration('How often a bundle is asked for by HTTP.', limits.opaPollMs)),
    token: Type.Optional(
      Type.String({
        minLength: 1,
        description: 'Bearer token for the OPA server, and for bundles by HTTP.',
      }),
    ),
    token_file: Type.Optional(
      Type.String({ minLength: 1, description: 'Or a file with it, read again when it changes.' }),
    ),
    max_steps: Type.Optional(
      count(
        'Most turns of loops and calls of functions in one evaluation of a compiled policy.',
        limits.opaSteps,
        2_000_000_000,
      ),
    ),
    max_memory: Type.Optional(
      size('Most memory of one compiled policy, data included.', limits.opaMemoryBytes),
    ),
    lists: Type.Optional(
      Type.Boolean({ description: 'Whether lists show only what the caller could call.', default: true }),
    ),
    shadow: Type.Optional(
      Type.Object(source, {
        ...closed,
        description: 'A policy that is asked too, but only logged: what it would have denied.',
      }),
    ),
  },
  { ...closed, description: 'Decisions by Open Policy Agent; see opa.md.' },
);

export const serverOpa = Type.Object(source, {
  ...closed,
  description:
    'A policy for this server, besides that of the gateway: all must allow. Without a source, another `path` in that of the gateway.',
});

export type RawPolicy = Static<typeof serverOpa>;
