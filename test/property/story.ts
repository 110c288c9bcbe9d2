import fc from 'fast-check';
import type { End, Step } from './acts.js';
import type { RequestId } from './wire.js';

/** Which client something is done by, or to which of what it has done; taken modulo what there is. */
type Which = number;

/** One thing that happens. */
export type Event =
  | {
      readonly kind: 'call';
      readonly by: Which;
      readonly id: RequestId;
      readonly server: 'old' | 'new';
      readonly steps: readonly Step[];
      readonly end: End;
      readonly token: 'none' | 'string' | 'number';
      /** On a channel with a session: whether this call describes itself. */
      readonly modern: boolean;
    }
  | { readonly kind: 'request'; readonly by: Which; readonly id: RequestId; readonly what: Which }
  | { readonly kind: 'grant'; readonly call: Which; readonly steps: number }
  | { readonly kind: 'cancel'; readonly by: Which; readonly call: Which }
  | { readonly kind: 'cancel unknown'; readonly by: Which; readonly id: RequestId }
  | {
      readonly kind: 'answer';
      readonly ask: Which;
      readonly how: 'rightly' | 'twice' | 'wrong id' | 'refuse' | 'somebody else';
    }
  | { readonly kind: 'malformed'; readonly by: Which; readonly what: Which }
  | { readonly kind: 'batch'; readonly by: Which; readonly parts: readonly BatchPart[] }
  | { readonly kind: 'resume'; readonly stream: Which }
  | { readonly kind: 'leave'; readonly call: Which }
  | { readonly kind: 'breathe'; readonly turns: number };

export interface BatchPart {
  readonly what: 'call' | 'ask' | 'hang and cancel' | 'list' | 'unknown' | 'notification' | 'response';
  readonly id: RequestId;
}

/** Who takes part, and what happens. */
export interface Story {
  readonly clients: readonly ClientKind[];
  readonly events: readonly Event[];
}

export const clientKinds = [
  'post 2026-07-28',
  'post 2025-11-25',
  'post 2025-06-18',
  'post 2025-03-26',
  'socket 2025-11-25',
  'socket of its own',
  'sse 2024-11-05',
  'sse of its own',
] as const;
export type ClientKind = (typeof clientKinds)[number];

const which = fc.nat({ max: 11 });
const id = fc.constantFrom<RequestId>(0, '0', '', -1, '-1', 1, '1', 'a', Number.MAX_SAFE_INTEGER);
const steps = fc.array(fc.constantFrom<Step>('progress', 'log', 'ask', 'ask'), { maxLength: 4 });
const end = fc.constantFrom<End>('finish', 'finish', 'finish', 'fail', 'error', 'drop', 'hang', 'hang');

const call = fc.record({
  kind: fc.constant('call' as const),
  by: which,
  id,
  server: fc.constantFrom('old' as const, 'new' as const),
  steps,
  end,
  token: fc.constantFrom('none' as const, 'string' as const, 'number' as const),
  modern: fc.boolean(),
});

const parts = fc.array(
  fc.record({
    what: fc.constantFrom<BatchPart['what']>(
      'call',
      'ask',
      'hang and cancel',
      'list',
      'unknown',
      'notification',
      'response',
    ),
    id,
  }),
  { minLength: 1, maxLength: 5 },
);

const grant = fc.record({
  kind: fc.constant('grant' as const),
  call: which,
  steps: fc.integer({ min: 1, max: 4 }),
});
const breathe = fc.record({ kind: fc.constant('breathe' as const), turns: fc.integer({ min: 1, max: 60 }) });

const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 6, arbitrary: call },
  { weight: 8, arbitrary: grant },
  { weight: 6, arbitrary: breathe },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('request' as const), by: which, id, what: which }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('cancel' as const), by: which, call: which }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cancel unknown' as const), by: which, id }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('answer' as const),
      ask: which,
      how: fc.constantFrom(
        'rightly' as const,
        'twice' as const,
        'wrong id' as const,
        'refuse' as const,
        'somebody else' as const,
      ),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('malformed' as const), by: which, what: which }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('batch' as const), by: which, parts }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('resume' as const), stream: which }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('leave' as const), call: which }) },
);

/** Stories with clients of the given kinds. */
export const storiesOf = (kinds: readonly ClientKind[]): fc.Arbitrary<Story> =>
  fc.record({
    clients: fc.array(fc.constantFrom(...kinds), { minLength: 1, maxLength: 4 }),
    events: fc.array(event, { minLength: 1, maxLength: 40, size: 'max' }),
  });
