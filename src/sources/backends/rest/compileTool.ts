import type { Dispatcher } from 'undici';
import type { ToolDefinition } from '../../../protocol/mcp.js';
import { appendQuery } from './appendQuery.js';
import { isHeaderName, isHeaderValue } from './baseHeaders.js';
import type { BaseUrl } from './baseUrl.js';
import { encodeBody } from './encodeBody.js';
import { listProperty } from './listProperty.js';
import { pathTemplate } from './pathTemplate.js';
import type { RestTool, Slot } from './restTool.js';
import { scalar } from './scalar.js';

type Arguments = Readonly<Record<string, unknown>>;

/** A tool with everything settled that depends on the tool alone. */
export interface CompiledTool {
  readonly definition: ToolDefinition;
  readonly streaming: boolean;
  /** Whether a redirect may be followed: a GET or HEAD. */
  readonly redirectable: boolean;
  /** The property of `structuredContent` under which a list is given, if the output schema has one. */
  readonly list: string | undefined;
  /**
   * Arguments → the request, or the text that says why nothing is sent.
   *
   * @param hop headers of this call: trace context, the time that is left
   */
  request(values: Arguments, hop: Readonly<Record<string, string>>): Dispatcher.DispatchOptions | string;
}

const acceptAny = 'application/json, */*;q=0.8';
const acceptParts = 'application/x-ndjson, text/event-stream, application/json;q=0.9, */*;q=0.8';

/**
 * Compiles a tool once, so that a call costs no more than filling in its values.
 *
 * @param base the instance's base URL
 * @param headers those of {@link baseHeaders}
 * @throws TypeError for a mapping that can't work; its message names the place and what was meant
 */
export const compileTool = (
  tool: RestTool,
  base: BaseUrl,
  headers: Readonly<Record<string, string>>,
): CompiledTool => {
  const template = pathTemplate(base.path, tool.path);
  checkSlots(tool.slots, headers);
  const fixed = { accept: tool.streaming ? acceptParts : acceptAny, ...headers };
  const querySlots = tool.slots.filter((slot) => slot.in === 'query');
  const headerSlots = tool.slots.filter((slot) => slot.in === 'header');
  const placed = new Set([...template.names, ...tool.slots.map((slot) => slot.argument)]);
  return {
    definition: tool.definition,
    streaming: tool.streaming,
    redirectable: tool.method === 'GET' || tool.method === 'HEAD',
    list: listProperty(tool.definition.outputSchema),
    request(values, hop) {
      const filled = template.fill(values);
      if ('refused' in filled) return filled.refused;
      // A header of the settings stays as it is, whatever the call brings.
      const sent: Record<string, string> = { ...hop, ...fixed };
      for (const slot of headerSlots) {
        const refused = addHeader(sent, slot, values[slot.argument]);
        if (refused !== undefined) return refused;
      }
      let query = '';
      for (const { argument, name, style } of querySlots)
        query = appendQuery(query, name, values[argument], style);
      const left = leftOf(values, placed);
      const { body, rest } = bodyOf(tool, left);
      if (rest !== undefined)
        for (const name of Object.keys(rest)) query = appendQuery(query, name, rest[name], 'repeat');
      const path =
        query === '' ? filled.path : `${filled.path}${filled.path.includes('?') ? '&' : '?'}${query}`;
      const { method } = tool;
      if (body === undefined) return { method, path, headers: sent, body: null };
      const { text, contentType } = encodeBody(body, tool.encoding, tool.contentType);
      sent['content-type'] = contentType;
      return { method, path, headers: sent, body: text };
    },
  };
};

const checkSlots = (slots: readonly Slot[], headers: Readonly<Record<string, string>>): void => {
  for (const slot of slots) {
    if (slot.in !== 'header') continue;
    const name = slot.name.toLowerCase();
    if (!isHeaderName(name) || name === 'host' || name === 'content-type' || name === 'accept-encoding')
      throw new TypeError(`Argument "${slot.argument}" can't set the header "${slot.name}"`);
    // A client must not be able to replace the backend's own credential.
    if (Object.hasOwn(headers, name))
      throw new TypeError(`Argument "${slot.argument}" would replace the server's own header "${slot.name}"`);
  }
};

const addHeader = (headers: Record<string, string>, slot: Slot, value: unknown): string | undefined => {
  if (value === undefined || value === null) return undefined;
  const text = Array.isArray(value) ? value.map(scalar).join(',') : scalar(value);
  if (!isHeaderValue(text))
    return `Argument "${slot.argument}" is sent as a header and has characters a header can't carry.`;
  headers[slot.name.toLowerCase()] = text;
  return undefined;
};

/** The arguments that have no place yet; the very same object if none has one. Without prototype: `__proto__` is a name too. */
const leftOf = (values: Arguments, placed: ReadonlySet<string>): Arguments => {
  if (placed.size === 0) return values;
  const left: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const name of Object.keys(values)) if (!placed.has(name)) left[name] = values[name];
  return left;
};

interface Split {
  readonly body: unknown;
  /** What goes to the query. */
  readonly rest: Arguments | undefined;
}

/** Divides what is left between body and query. */
const bodyOf = (tool: RestTool, left: Arguments): Split => {
  const explicit = tool.body === undefined || !Object.hasOwn(left, tool.body) ? undefined : left[tool.body];
  const rest = explicit === undefined || tool.body === undefined ? left : without(left, tool.body);
  if (tool.rest === 'query') return { body: explicit, rest };
  if (tool.rest === 'nowhere') return { body: explicit, rest: undefined };
  const empty = Object.keys(rest).length === 0;
  if (explicit === undefined)
    return { body: empty && !tool.sendEmptyBody ? undefined : rest, rest: undefined };
  if (empty) return { body: explicit, rest: undefined };
  const mergeable = typeof explicit === 'object' && explicit !== null && !Array.isArray(explicit);
  // Nothing can be merged into a list or a text: the rest is not lost but goes to the query.
  return mergeable ? { body: { ...explicit, ...rest }, rest: undefined } : { body: explicit, rest };
};

const without = (values: Arguments, name: string): Arguments => leftOf(values, new Set([name]));
