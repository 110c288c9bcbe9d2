import type { IconName } from './icon.js';

/** How good something is. Never told by colour alone: each has an icon and stands beside its word. */
export type Tone = 'ok' | 'warn' | 'bad' | 'off';

const words: Readonly<Record<Exclude<Tone, 'bad'>, readonly string[]>> = {
  ok: [
    'success',
    'ok',
    'up',
    'passing',
    'closed',
    'passes',
    'loaded',
    'active',
    'ready',
    'allowed',
    'healthy',
  ],
  // A refusal is the gateway at its work, and a tool's error its own answer: only what fails is bad.
  warn: [
    ...['tool_error', 'invalid_request', 'unauthenticated', 'forbidden', 'rate_limited', 'quota_exceeded'],
    ...['not_found', 'cancelled', 'slow_consumer', 'outrun'],
    ...['refuses', 'degraded', 'half-open', 'warning', 'changes', 'stale'],
  ],
  off: ['starting', 'unknown', 'not_reached', 'info', 'hint', 'pending', 'off'],
};

const tones = new Map<string, Tone>(
  Object.entries(words).flatMap(([tone, names]) => names.map((name) => [name, tone as Tone] as const)),
);

/** The tone of a state, an outcome or a severity; what is not known to be good or in between is bad. */
export const toneOf = (word: string): Tone => tones.get(word) ?? 'bad';

/** The icon that goes with a tone. */
export const iconOf = { ok: 'ok', warn: 'warn', bad: 'bad', off: 'off' } as const satisfies Record<
  Tone,
  IconName
>;
