/** How it is seen to that what servers offer is what somebody has looked at. */
import { Type } from '@sinclair/typebox';
import { oneOf } from './kinds.js';
import { section } from './section.js';

export const integrity = section(
  'Whether what servers offer is what somebody has approved, and whether it tries to deceive (docs/tool-integrity.md).',
  {
    pins: Type.String({
      minLength: 1,
      description:
        'File of approved definitions, written by `sluice pin` and read again when it changes. What has changed since is held back: neither listed nor called.',
    }),
    new: oneOf(['hold', 'allow'], {
      description:
        'With `pins`: what becomes of tools, prompts and resource templates that the file does not have.',
      default: 'hold',
    }),
    suspicious: oneOf(['report', 'hold', 'off'], {
      description:
        'What becomes of definitions with hidden or control characters, or with text that reads like instructions to the model.',
      default: 'report',
    }),
  },
);
