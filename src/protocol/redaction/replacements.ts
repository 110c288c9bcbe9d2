import { createHmac } from 'node:crypto';
import { refusal } from '../errors.js';
import type { CompiledRule } from './compiledRule.js';
import { dropped } from './dropped.js';
import { isReplacement } from './isReplacement.js';

export interface ReplacementOptions {
  /** Of hashes. */
  readonly key: Uint8Array;
  /** Which way things go, for messages. */
  readonly direction: 'arguments' | 'results';
}

type Replacing = Pick<CompiledRule, 'name' | 'action' | 'keepLast'>;

/** What comes in the place of what rules find. Both throw `ERR_CONTENT_REFUSED`, which names the rule and nothing of the value. */
export interface Replacements {
  /** For a text, of which readers are told what it was: a mask, a keyed hash (HMAC-SHA-256, the same for equal texts), or nothing. */
  text(text: string, label: string, rule: Replacing): string;
  /** For a whole value: one of the same type, as far as there is one, so that what has a schema goes on to fit it; or `dropped`. */
  value(value: unknown, rule: Replacing): unknown;
}

/** Replaces what rules find. */
export const replacements = ({ key, direction }: ReplacementOptions): Replacements => {
  const hmac = (text: string): Buffer => createHmac('sha256', key).update(text).digest();
  const text = (found: string, label: string, { name, action, keepLast }: Replacing): string => {
    switch (action) {
      case 'mask':
        // At least as much as is shown stays hidden.
        return keepLast > 0 && found.length >= 2 * keepLast
          ? `[redacted:${label} …${found.slice(-keepLast)}]`
          : `[redacted:${label}]`;
      case 'hash':
        return `[redacted:${label} #${hmac(found).toString('hex', 0, 8)}]`;
      case 'drop':
        return '';
      case 'refuse':
        throw refused(name, direction);
    }
  };
  return {
    text,
    value(value, rule) {
      if (rule.action === 'drop') return dropped;
      if (rule.action === 'refuse') throw refused(rule.name, direction);
      if (typeof value === 'string') return isReplacement(value) ? value : text(value, rule.name, rule);
      if (typeof value === 'number') return rule.action === 'hash' ? hmac(String(value)).readUIntBE(0, 6) : 0;
      if (typeof value === 'boolean') return false;
      if (typeof value !== 'object' || value === null) return value;
      return Array.isArray(value) ? [] : {};
    },
  };
};

const refused = (rule: string, direction: ReplacementOptions['direction']) =>
  refusal(
    'ERR_CONTENT_REFUSED',
    direction === 'arguments'
      ? `The arguments hold what the rule "${rule}" does not let through`
      : `The answer was withheld: it holds what the rule "${rule}" does not let through`,
    { data: { rule, direction } },
  );
