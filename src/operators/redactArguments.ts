import type { Redactor } from '../protocol/redaction/redactor.js';
import type { Authenticated, Authorized, Redacting, Resolved, Target } from '../streams/exchange.js';
import { incomingTrace } from '../streams/incomingTrace.js';
import { redactedContext } from '../streams/redactedContext.js';
import { redactedParams } from '../streams/redactedParams.js';
import type { Redactions } from '../streams/redactions.js';
import { stage } from '../streams/stage.js';

/**
 * Takes out of a call what rules, or the decision about it, do not let through, and finds out what is to be taken out of its replies.
 *
 * > Nothing is copied, and nothing is looked at, where no rule is about the call.
 *
 * ```
 * calls            --a-----b-----c--|
 * redactArguments  --a-----B-----#        B without a mail address; c holds what is refused: ERR_CONTENT_REFUSED
 * ```
 *
 * The URI of a resource goes as it came, for another one would be another resource; the log has it redacted.
 */
export const redactArguments = (redactions: Redactions) =>
  stage<Authenticated & Resolved & Partial<Authorized>, Redacting>((exchange) => {
    const { target, principal } = exchange;
    const { settings } = target.server;
    const redaction = redactions({
      server: settings.name,
      prefix: settings.prefix,
      tool: target.tool?.name ?? target.begunBy?.tool,
      tenant: principal.tenant,
      mask: exchange.decision?.obligations.mask ?? target.begunBy?.mask,
    });
    if (redaction?.arguments === undefined) return { ...exchange, redaction };
    // What is refused is refused here; the context goes on with each attempt, and is redacted there.
    redactedContext(incomingTrace(exchange).context, redaction.arguments);
    const { uri } = target.params;
    // Refused where it holds what is refused; for the rest it is the log that is not to have it.
    if (typeof uri === 'string') {
      exchange.notes.target = withheld;
      exchange.notes.target = redaction.arguments.text(uri).slice(0, 256);
    }
    return { ...exchange, redaction, target: redacted(target, redaction.arguments) };
  });

/** Stands in the log for the URI of a resource that is refused because of what it holds. */
const withheld = '[refused]';

const redacted = (target: Target, redactor: Redactor): Target => {
  const params = redactedParams(target.params, redactor, target.method);
  return params === target.params ? target : { ...target, params };
};
