import type { RestToolSettings } from '../../../config/settings.js';
import type { ToolDefinition } from '../../../protocol/mcp.js';

/** How a list or an object is written into the query (OpenAPI's `style` and `explode`). */
export type QueryStyle = 'repeat' | 'comma' | 'space' | 'pipe' | 'deep' | 'spread';

/** Where one argument goes, outside of path and body. */
export interface Slot {
  readonly argument: string;
  readonly in: 'query' | 'header';
  /** The parameter's or the header's name. */
  readonly name: string;
  readonly style: QueryStyle;
}

/** How a body is written. */
export type BodyEncoding = 'json' | 'form' | 'multipart' | 'text';

/** A tool and the HTTP request behind it, whether it comes from the settings or from an OpenAPI document. */
export interface RestTool {
  readonly definition: ToolDefinition;
  readonly method: string;
  /** Template: `{x}` is filled from argument `x` and consumes it. */
  readonly path: string;
  readonly slots: readonly Slot[];
  /** The argument sent as the body; undefined for none. */
  readonly body: string | undefined;
  /** Where arguments go that have no place of their own. */
  readonly rest: 'query' | 'body' | 'nowhere';
  readonly encoding: BodyEncoding;
  readonly contentType: string;
  /** Whether an empty object is sent when there is nothing to send. */
  readonly sendEmptyBody: boolean;
  readonly streaming: boolean;
}

const bodiless = new Set(['GET', 'HEAD', 'DELETE', 'OPTIONS']);

/**
 * Where arguments without a place go by default: to the query of GET, HEAD and DELETE, into the body of anything else.
 *
 * @param method HTTP method, upper case
 */
export const restOf = (method: string): 'query' | 'body' => (bodiless.has(method) ? 'query' : 'body');

/**
 * Whether a request only reads (RFC 9110, 9.2.1).
 *
 * @param method HTTP method, upper case
 */
export const isRead = (method: string): boolean => method === 'GET' || method === 'HEAD';

/**
 * A tool of the settings.
 *
 * Arguments that neither path, `query`, `headers` nor `body` name go where {@link restOf} says, with two exceptions that follow
 * from what the operator wrote: a `query` mapping closes the query (the rest of a GET is not sent), and a `body` that names one
 * argument closes the body (the rest of a POST goes to the query, unless that is closed too).
 */
export const toRestTool = (settings: RestToolSettings): RestTool => ({
  definition: definitionOf(settings),
  method: settings.method,
  path: settings.path,
  slots: [...slotsOf('query', settings.query), ...slotsOf('header', settings.headers)],
  body: settings.body === '*' ? undefined : (settings.body ?? 'body'),
  rest: restOfSettings(settings),
  encoding: 'json',
  contentType: 'application/json',
  sendEmptyBody: true,
  streaming: settings.streaming,
});

const restOfSettings = ({ method, query, body }: RestToolSettings): RestTool['rest'] => {
  if (body === '*') return 'body';
  const byMethod = restOf(method);
  if (byMethod === 'body' && body === undefined) return 'body';
  return query === undefined ? 'query' : 'nowhere';
};

const slotsOf = (place: Slot['in'], mapping: Readonly<Record<string, string>> | undefined): Slot[] =>
  Object.entries(mapping ?? {}).map(([argument, name]) => ({ argument, in: place, name, style: 'repeat' }));

const definitionOf = (settings: RestToolSettings): ToolDefinition => ({
  name: settings.name,
  ...(settings.title === undefined ? {} : { title: settings.title }),
  description: settings.description ?? settings.name,
  inputSchema: settings.inputSchema,
  ...(settings.outputSchema === undefined ? {} : { outputSchema: settings.outputSchema }),
  ...annotationsOf(settings),
});

/** A read is marked as one, unless the operator says of it what no read is. */
const annotationsOf = ({ method, annotations }: RestToolSettings): Pick<ToolDefinition, 'annotations'> => {
  const denied = annotations?.['idempotentHint'] === false || annotations?.['destructiveHint'] === true;
  if (isRead(method) && !denied) return { annotations: { readOnlyHint: true, ...annotations } };
  return annotations === undefined ? {} : { annotations };
};
