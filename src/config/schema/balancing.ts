/** How the instances of a remote server are used together. */
import { Type } from '@sinclair/typebox';
import { limits } from '../limits.js';
import { count, duration, oneOf, share, shareOrZero, url } from './kinds.js';

const closed = { additionalProperties: false } as const;

const enabled = (what: string) => Type.Optional(Type.Boolean({ description: what, default: true }));

const address = url('Address of an instance.');

/** An address, or one with a weight. One schema rather than a union of two, so that an error speaks of what was written. */
export const weightedUrl = Type.Unsafe<string | { readonly url: string; readonly weight?: number }>({
  ...address,
  type: ['string', 'object'],
  properties: {
    url: address,
    weight: count("Its share of the calls in relation to the others'.", 1, 1000),
  },
  required: ['url'],
  ...closed,
});

const circuitBreaker = Type.Object(
  {
    enabled: enabled('Whether instances that fail are tried last for a while.'),
    failures: Type.Optional(count('Failures in a row that open it.', limits.breakerFailures, 10_000)),
    failure_rate: Type.Optional(
      share('Share of failures within `window` that opens it.', limits.breakerFailureRate),
    ),
    min_calls: Type.Optional(
      count('Calls within `window` from which on the share counts.', limits.breakerMinCalls, 1_000_000),
    ),
    window: Type.Optional(duration('What is looked back at.', limits.breakerWindowMs)),
    cooldown: Type.Optional(
      duration('How long it stays open; doubled with each trial that fails.', limits.breakerCooldownMs),
    ),
    max_cooldown: Type.Optional(duration('How long at most.', limits.breakerMaxCooldownMs)),
    slow_factor: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 1000,
        description:
          "An instance whose latency is so many times the others' is tried last, too; 0 for never. Calls below 250 ms are never slow.",
        default: limits.slowFactor,
      }),
    ),
  },
  {
    ...closed,
    description: 'When an instance is tried last for a while. Servers with several instances have one each.',
  },
);

const healthCheck = Type.Object(
  {
    enabled: enabled('Whether instances are pinged.'),
    type: Type.Optional(
      oneOf(['mcp', 'http', 'tcp'], {
        description:
          '`mcp`: `ping` or `server/discover`. `http`: GET of `path`. `tcp`: a connection. Default: `mcp` for MCP servers; `http` for REST services with a `path`, `tcp` without.',
      }),
    ),
    path: Type.Optional(
      Type.String({
        pattern: '^/[^\\s#]*$',
        description: 'Path that `http` asks for, from the root of the host. Default: `/`.',
      }),
    ),
    interval: Type.Optional(duration('Pause between two pings.', limits.pingIntervalMs)),
    timeout: Type.Optional(duration('A ping not answered within this time is missed.', limits.pingTimeoutMs)),
    unhealthy_after: Type.Optional(
      count('Missed pings in a row that make an instance unhealthy.', limits.unhealthyAfter, 100),
    ),
    healthy_after: Type.Optional(
      count('Answered pings in a row that make it healthy again.', limits.healthyAfter, 100),
    ),
    degraded_above: Type.Optional(
      duration('A ping that takes longer shows a degraded instance. Default: no limit.'),
    ),
  },
  {
    ...closed,
    description: 'How instances are pinged. Default: those of servers with several instances are.',
  },
);

const retry = Type.Object(
  {
    attempts: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 10,
        description: 'Most attempts at one call. Default: one on each instance, two at least.',
      }),
    ),
    attempt_timeout: Type.Optional(
      duration(
        "Longest silence of one attempt, where the call may be repeated and another attempt is left. Default: the call's.",
      ),
    ),
    unsafe: Type.Optional(
      Type.Boolean({
        description:
          'Repeat even calls of tools that are marked neither read-only nor idempotent. Their work may be done twice.',
        default: false,
      }),
    ),
  },
  { ...closed, description: 'How often a call is tried.' },
);

const retryBudget = Type.Object(
  {
    share: Type.Optional(shareOrZero("Repetitions as a share of the server's calls.", limits.retryShare)),
    per_second: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 100_000,
        description: 'And so many a second besides.',
        default: limits.retriesPerSecond,
      }),
    ),
  },
  { ...closed, description: "How much of a server's traffic may be repetitions, over the last 10 s." },
);

const hedge = Type.Object(
  {
    enabled: enabled('Whether it is done.'),
    after: Type.Optional(
      duration('Silence after which the second one begins. Default: what is measured, by `percentile`.'),
    ),
    percentile: Type.Optional(
      share(
        'The time within which so large a share of the last 200 calls of the tool had an answer.',
        limits.hedgePercentile,
      ),
    ),
    min_calls: Type.Optional(
      count('Calls that have to have been measured before.', limits.hedgeMinCalls, 200),
    ),
  },
  {
    ...closed,
    description:
      'A second attempt, at another instance, besides one that is slow; the first answer counts. Only for tools marked read-only or idempotent, and reads. Default: none.',
  },
);

/** The keys of a remote server about its instances. */
export const balancing = {
  sticky_by: Type.Optional(
    oneOf(['session', 'client'], {
      description:
        'By what `strategy: sticky` knows its callers; one without a session, and one without a name by its address.',
      default: 'session',
    }),
  ),
  circuit_breaker: Type.Optional(circuitBreaker),
  health_check: Type.Optional(healthCheck),
  retry: Type.Optional(retry),
  retry_budget: Type.Optional(retryBudget),
  hedge: Type.Optional(hedge),
};
