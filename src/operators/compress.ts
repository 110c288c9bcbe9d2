import { concat, defer, type Observable, type OperatorFunction } from 'rxjs';
import type { ToolSearchSettings } from '../config/toolSearchSettings.js';
import { refusal } from '../protocol/errors.js';
import { isObject } from '../protocol/jsonrpc.js';
import { maxQuery, maxResults } from '../protocol/search/searchTools.js';
import type { Catalog } from '../streams/catalog.js';
import type { Authenticated, Exchange, InSession } from '../streams/exchange.js';
import { followed } from '../streams/followed.js';
import type { Latest } from '../streams/latest.js';
import { prompted } from '../streams/prompted.js';
import { result, type Reply } from '../streams/reply.js';
import { answerOf, service, type Service } from '../streams/service.js';
import type { Prompt } from '../streams/sessions.js';
import type { ShownEntries } from '../streams/shownEntries.js';
import type { ToolSearch } from '../streams/toolSearch.js';
import type { View } from '../streams/view.js';
import { viewpointOf } from '../streams/viewpointOf.js';

type Call = Exchange & Authenticated & InSession;

export interface CompressOptions {
  readonly catalog: Latest<Catalog>;
  /** Completes when the catalogue is as fresh as it can be now. */
  readonly refresh: () => Observable<never>;
  /** Leaves out what the caller could not call. */
  readonly shown: ShownEntries;
  readonly search: ToolSearch;
}

/**
 * Answers the tool that finds tools, and turns a call of the one that calls them into a call of the tool that is meant.
 *
 * > Whoever calls a tool in this way passes all that a direct call passes, and a search finds what the whole list would show.
 *
 * ```
 * calls      --search_tools{q}--call_tool{name: a}--b--|
 * part                          a                   b       as if a had been called
 * compress   --r----------------r-------------------r--|
 * ```
 *
 * Stands around the chain of tool calls, above `resolveTool`. The list itself is shortened where lists are answered.
 */
export const compress = <E extends Call>(
  part: OperatorFunction<E, Reply>,
  { catalog, refresh, shown, search }: CompressOptions,
): Service<E, Reply> => {
  const send = answerOf(part);
  const viewOf = (exchange: E): View | undefined => catalog.current.view(viewpointOf(exchange));
  const found = (exchange: E, settings: ToolSearchSettings): Prompt<Reply> => {
    const view = viewOf(exchange);
    if (view === undefined) throw refusal('ERR_NAMESPACE_UNKNOWN', 'There is no such namespace');
    const { query, limit } = questionOf(exchange, settings);
    return followed(shown(exchange, 'tools/list', view.tools), (entries) =>
      followed(search.index(view), (find) => {
        const tools: object[] = [];
        for (const key of find(query)) {
          const entry = entries.get(key);
          if (entry !== undefined) tools.push(shortened(entry.definition));
          if (tools.length === limit) break;
        }
        const structuredContent = { tools, total: entries.size };
        return result({
          content: [{ type: 'text', text: JSON.stringify(structuredContent) }],
          structuredContent,
        });
      }),
    );
  };
  return service((exchange) => {
    const settings = search.settingsOf(exchange.origin.namespace);
    const view = settings && viewOf(exchange);
    if (settings === undefined || view === undefined) return send(exchange);
    const own = search.ownTools(view);
    const name = exchange.message.params?.['name'];
    if (name === own.call) return send(unwrapped(exchange));
    if (name !== own.search) return send(exchange);
    exchange.notes.target = own.search;
    return concat(
      refresh(),
      defer(() => prompted(found(exchange, settings))),
    );
  });
};

/** The call that is meant. Headers that mirror arguments are about the one that it came in. */
const unwrapped = <E extends Call>(exchange: E): E => {
  const { message } = exchange;
  const { name, arguments: args = {}, ...others } = argumentsOf(exchange);
  const problems = [
    ...(typeof name === 'string' && name !== '' ? [] : ['name must be the name of a tool']),
    ...(isObject(args) ? [] : ['arguments must be an object']),
    ...(Object.keys(others).length === 0 ? [] : ['only name and arguments are known']),
  ];
  if (problems.length > 0) throw invalid(problems);
  return {
    ...exchange,
    isWrapped: true,
    message: { ...message, params: { ...message.params, name, arguments: args } },
  };
};

const questionOf = (
  exchange: Exchange,
  { results }: ToolSearchSettings,
): { query: string; limit: number } => {
  const { query, limit = results, ...others } = argumentsOf(exchange);
  const isQuery = typeof query === 'string' && query.trim() !== '' && query.length <= maxQuery;
  const isLimit = Number.isInteger(limit) && Number(limit) >= 1 && Number(limit) <= maxResults;
  const problems = [
    ...(isQuery ? [] : [`query must be a text of 1 to ${maxQuery} characters`]),
    ...(isLimit ? [] : [`limit must be a whole number from 1 to ${maxResults}`]),
    ...(Object.keys(others).length === 0 ? [] : ['only query and limit are known']),
  ];
  if (problems.length > 0) throw invalid(problems);
  return { query: String(query), limit: Number(limit) };
};

const argumentsOf = ({ message }: Exchange): Readonly<Record<string, unknown>> => {
  const args = message.params?.['arguments'];
  return isObject(args) ? args : {};
};

const invalid = (problems: readonly string[]) =>
  refusal('ERR_ARGUMENTS_INVALID', `Invalid arguments: ${problems.join('; ')}`);

/** What is needed to choose a tool and to call it. */
const shortened = (definition: object): object => {
  const { name, title, description, inputSchema, annotations } = definition as Readonly<
    Record<string, unknown>
  >;
  return { name, title, description, inputSchema, annotations };
};
