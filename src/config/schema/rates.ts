/** How often: rates and quotas. */
import { Type, type Static } from '@sinclair/typebox';
import { globs, oneOf, rate, words } from './kinds.js';

const closed = { additionalProperties: false } as const;
const count = (description: string) => Type.Integer({ minimum: 1, maximum: 1_000_000_000, description });

const by = Type.Optional(
  oneOf(['client', 'user', 'ip', 'tenant', 'tool', 'all'], {
    description:
      'Who has a limit of its own: each client, user, address, tenant or tool, or `all` together. Callers without a name are told apart by their address.',
    default: 'user',
  }),
);

const burst = Type.Optional(count('Most calls at once. Default: as many as in the time of the rate.'));

export type RawRateLimit =
  string | { readonly rate: string; readonly burst?: number; readonly by?: Static<typeof by> };

/** A rate, or one with more to say. One schema rather than a union of two, so that an error speaks of what was written. */
export const rateLimit = (description: string) => {
  const simple = rate(description);
  return Type.Unsafe<RawRateLimit>({
    ...simple,
    type: ['string', 'object'],
    properties: { rate: rate('Most calls in a time.'), burst, by },
    required: ['rate'],
    ...closed,
  });
};

/** The quotas of a tenant. */
export const quotas = Type.Object(
  {
    requests_per_day: Type.Optional(count('Most calls a day, which begins at midnight UTC.')),
    requests_per_month: Type.Optional(count('Most calls in a month of the calendar, by UTC.')),
  },
  { ...closed, description: 'How many calls its callers have together.' },
);
export type RawQuotas = Static<typeof quotas>;

export const rateLimits = Type.Record(
  Type.String({ minLength: 1 }),
  Type.Object(
    {
      requests_per_minute: Type.Optional(count('Calls a minute. This or `rate` is needed.')),
      rate: Type.Optional(rate('Calls in a time, e.g. `10/s`, instead of `requests_per_minute`.')),
      burst_size: burst,
      by,
      servers: Type.Optional(words('Servers it is about. Default: by its name.')),
      tools: Type.Optional(
        globs(
          "Tools it is about, by exposed name or by their server's own; together they have one limit. Default: by its name.",
        ),
      ),
    },
    { ...closed, description: 'A rate limit.' },
  ),
  {
    description:
      'Rate limits, by the name of a server, a tool (or pattern of tools), `*` for all that a caller sends, or a name of your own with `servers`, `tools` or both.',
  },
);
