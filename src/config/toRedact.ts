import { keyBytes } from './keyBytes.js';
import { limits } from './limits.js';
import { milliseconds } from './milliseconds.js';
import type { RedactSettings } from './redactSettings.js';
import type { RawConfig } from './schema.js';
import { Secret } from './secret.js';
import { toRule } from './toRule.js';

/** What is taken out of calls, where anything is. */
export const toRedact = ({ redact }: RawConfig): { readonly redact?: RedactSettings } => {
  if (redact?.rules === undefined || redact.rules.length === 0) return {};
  const key = redact.key === undefined ? undefined : keyBytes(redact.key);
  return {
    redact: {
      ...(key !== undefined && { key: new Secret(key) }),
      holdMs: redact.hold === undefined ? limits.redactHoldMs : milliseconds(redact.hold),
      rules: redact.rules.map((rule, index) => ({
        ...toRule(rule, index),
        direction: rule.direction ?? 'both',
        ...(rule.servers !== undefined && { servers: rule.servers }),
        ...(rule.tools !== undefined && { tools: rule.tools }),
        ...(rule.tenants !== undefined && { tenants: rule.tenants }),
      })),
    },
  };
};
