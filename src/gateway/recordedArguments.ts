import { limits } from '../config/limits.js';
import type { Settings } from '../config/settings.js';
import type { Secrets } from '../protocol/sealer.js';
import type { Exchange } from '../streams/exchange.js';
import { select, type Latest } from '../streams/latest.js';
import type { Redactions } from '../streams/redactions.js';
import { redactionsOf } from './redactionsOf.js';

/**
 * What a record says of the arguments of tools and prompts: as `redact` and the decision about the call let them through; nothing unless
 * the settings ask for it, nothing of what nobody offers. Of large ones only how large they were.
 */
export const recordedArguments = (
  settings: Latest<Settings>,
  keys: Latest<Secrets>,
): ((exchange: Exchange) => unknown) => {
  const redactions = select(settings, (current) =>
    current.audit?.arguments === true ? redactionsOf(current, keys.current) : undefined,
  );
  return (exchange) => {
    const { current } = redactions;
    const given = exchange.notes.resolved?.params['arguments'];
    if (current === undefined || given === undefined) return undefined;
    try {
      return bounded(redacted(given, exchange, current));
    } catch {
      // A rule refuses what they hold, and so was the call.
      return { refused: true };
    }
  };
};

const redacted = (given: unknown, { notes }: Exchange, redactions: Redactions): unknown => {
  const { resolved, principal, decision } = notes;
  if (resolved === undefined) return undefined;
  const { name: server, prefix } = resolved.server.settings;
  const redaction = redactions({
    server,
    prefix,
    tool: resolved.tool?.name,
    tenant: principal?.tenant,
    mask: decision?.obligations.mask,
  });
  return redaction?.arguments === undefined ? given : redaction.arguments.document(given);
};

const bounded = (value: unknown): unknown => {
  const bytes = Buffer.byteLength(JSON.stringify(value));
  return bytes <= limits.auditArgumentsBytes ? value : { too_large: bytes };
};
