import { isObject, type Params } from '../protocol/jsonrpc.js';
import { mapChildren } from '../protocol/redaction/mapChildren.js';
import type { Redactor } from '../protocol/redaction/redactor.js';
import type { Authenticated, Authorized, Redacting, Resolved, Target } from '../streams/exchange.js';
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
  const params = mapChildren(target.params, (child, key) => sent(child, String(key), redactor)) as Params;
  return params === target.params ? target : { ...target, params };
};

/** What a person or a model has filled in, of the params of any method. */
const sent = (child: unknown, key: string, redactor: Redactor): unknown => {
  switch (key) {
    case 'arguments':
      return redactor.document(child);
    case '_meta':
      return redactor.meta(child);
    case 'inputResponses':
      return mapChildren(child, (answer) => (isObject(answer) ? redactor.message(answer) : answer));
    // Of a completion: what is typed, and what has been filled in before.
    case 'argument':
      return mapChildren(child, (value, name) => (name === 'value' ? redactor.document(value) : value));
    case 'context':
      return redactor.document(child);
    default:
      return child;
  }
};
