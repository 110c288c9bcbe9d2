import { isObject, type Params } from '../protocol/jsonrpc.js';
import { mapChildren } from '../protocol/redaction/mapChildren.js';
import type { Redactor } from '../protocol/redaction/redactor.js';

/**
 * The params of a call, redacted where a person or a model has filled them in; the same object where nothing is found.
 *
 * @param method what they are params of: elsewhere a `cursor` is a text like any other
 */
export const redactedParams = (params: Params, redactor: Redactor, method: string): Params =>
  mapChildren(params, (child, key) => sent(child, String(key), redactor, method)) as Params;

/** What names a thing of the server, or belongs to the protocol: changed it would be another thing. */
const asItIs: Readonly<Record<string, RegExp>> = {
  name: /^(?:tools\/call|prompts\/get)$/,
  uri: /^resources\//,
  taskId: /^tasks\//,
  cursor: /\/list$/,
  task: /^tools\/call$/,
  requestState: /^(?:tools\/call|prompts\/get|resources\/read)$/,
};

/** The params of any method, but for what must stay as it is. */
const sent = (child: unknown, key: string, redactor: Redactor, method: string): unknown => {
  switch (key) {
    case '_meta':
      return redactor.meta(child);
    case 'inputResponses':
      return mapChildren(child, (answer) => (isObject(answer) ? redactor.message(answer) : answer));
    case 'ref':
      return mapChildren(child, (part, name) => {
        if (!refNames.has(String(name))) return redactor.document(part);
        // For what a rule refuses.
        if (typeof part === 'string') redactor.text(part);
        return part;
      });
    // Of a completion: what is typed, and what it is for.
    case 'argument':
      return mapChildren(child, (value) => redactor.document(value));
    default:
      return Object.hasOwn(asItIs, key) && asItIs[key]?.test(method) === true
        ? child
        : redactor.document(child);
  }
};

/** What says which prompt or template a completion is for. */
const refNames: ReadonlySet<string> = new Set(['type', 'name', 'uri']);
