/** Answers that are remembered. */
import { Type } from '@sinclair/typebox';
import { limits } from '../limits.js';
import { duration, globs, oneOf, size, words } from './kinds.js';

const closed = { additionalProperties: false } as const;

const rule = {
  ttl: duration('How long an answer is good; less where its server says so.'),
  vary: Type.Optional(
    words(
      'Parameters that make answers differ, as dotted paths such as `arguments.city`; the name or URI always does. Default: all of them.',
    ),
  ),
  scope: Type.Optional(
    oneOf(['private', 'public'], {
      description:
        'Whom an answer is for whose server does not say: its caller, or all callers of the tenant and namespace. The word `private` of a server always holds.',
      default: 'private',
    }),
  ),
  servers: Type.Optional(globs('The servers it is for. Default: all of them.')),
};

const answers = Type.Object(rule, { ...closed, description: 'How answers to this method are remembered.' });

const calls = Type.Object(
  {
    ...rule,
    tools: Type.Optional(
      globs('Tools to answer from memory whatever they say of themselves, by exposed name or own.'),
    ),
    trusted: Type.Optional(
      globs(
        'Servers whose annotations are believed. Those of tools defined in this file always are; others are not unless they are named here.',
      ),
    ),
    hints: Type.Optional(
      Type.Array(
        oneOf(['read_only', 'idempotent'], {
          description: 'An annotation. The second of two like calls of an idempotent tool is not sent.',
        }),
        { uniqueItems: true, description: 'The annotations that count. Default: `read_only`.' },
      ),
    ),
  },
  { ...closed, description: 'How answers of tools are remembered, where that does no harm.' },
);

const list = Type.Object(
  { ttl: duration('How long a list is good: so long servers are not asked again, unless they say so.') },
  { ...closed, description: 'How long this list is good.' },
);

export const cache = Type.Partial(
  Type.Object(
    {
      store: oneOf(['memory', 'shared'], {
        description: 'Where answers are kept: in the process, or where the sessions are (docs/caching.md).',
        default: 'memory',
      }),
      max_size: size('What all remembered answers may take.', limits.cacheBytes),
      max_answer: size('A larger answer is not remembered.', limits.cachedAnswerBytes),
      'resources/read': answers,
      'resources/list': list,
      'resources/templates/list': list,
      'tools/list': list,
      'tools/call': calls,
      'prompts/list': list,
      'prompts/get': answers,
    },
    { ...closed, description: 'Answers to remember, by method.' },
  ),
);
