import { concat, defer, of, type Observable } from 'rxjs';
import type { GatewayErrorCode } from '../protocol/errors.js';
import { isObject, type JsonRpcCall } from '../protocol/jsonrpc.js';
import type { Catalog } from '../streams/catalog.js';
import type { Authenticated, Exchange, Resolved, Target } from '../streams/exchange.js';
import type { Latest } from '../streams/latest.js';
import { paramsForHop } from '../streams/paramsForHop.js';
import { providerOf } from '../streams/providerOf.js';
import { stage } from '../streams/stage.js';
import { templateOf } from '../streams/templateOf.js';
import type { View } from '../streams/view.js';
import { viewpointOf } from '../streams/viewpointOf.js';
import { plainTarget } from './plainTarget.js';
import { subjectName } from './subjectName.js';
import { toolTarget } from './toolTarget.js';
import { unknownTarget } from './unknownTarget.js';

/**
 * Finds where a call goes: the server behind a tool's or prompt's exposed name, behind a resource's URI, behind the subject
 * of a completion. Puts the server's own names in.
 *
 * > What the catalogue has is found in the same frame. What it has not may have come up a moment ago: the servers are asked
 * > once more (see `refresh`) before the caller is told that there is no such thing.
 *
 * ```
 * calls        --a-----b------|
 * resolveTool  --A------#           b is unknown: ERR_TOOL_UNKNOWN, ERR_PROMPT_UNKNOWN or ERR_RESOURCE_UNKNOWN
 * ```
 *
 * @param refresh completes when the catalogue is as fresh as it can be now
 */
export const resolveTool = (catalog: Latest<Catalog>, refresh: () => Observable<never>) => {
  const target = (exchange: Exchange & Authenticated): Target | undefined => {
    const { message } = exchange;
    const view = catalog.current.view(viewpointOf(exchange));
    return view === undefined ? undefined : finders[message.method]?.(view, message);
  };
  const hiddenAs = (exchange: Exchange): GatewayErrorCode | undefined => {
    const { message, origin } = exchange;
    const whole = catalog.current.whole(origin.namespace);
    const hidden = whole && finders[message.method]?.(whole, message);
    if (hidden !== undefined) {
      exchange.notes.resolved = hidden; // for the record: the caller is told of nothing
      return 'ERR_HIDDEN';
    }
    return catalog.current.isHeldBack(subjectName(message)) ? 'ERR_HELD_BACK' : undefined;
  };
  return stage<Authenticated, Resolved>((exchange) => {
    const found = target(exchange);
    if (found !== undefined) return noted(exchange, found);
    return concat(
      refresh(),
      defer(() => {
        const late = target(exchange);
        if (late === undefined) throw unknownTarget(exchange.message, hiddenAs(exchange));
        return of(noted(exchange, late));
      }),
    );
  });
};

const noted = <E extends Exchange>(exchange: E, target: Target): E & Resolved => {
  const { notes, message } = exchange;
  notes.server = target.server.settings.name;
  notes.target = subjectName(message);
  notes.resolved = target;
  return { ...exchange, target };
};

type Finder = (view: View, message: JsonRpcCall) => Target | undefined;

const callTool: Finder = (view, { params }) => {
  const name = String(params?.['name']);
  const entry = view.tools.get(name) ?? view.dotted.get(name);
  return entry && toolTarget(entry, paramsForHop(params, { name: entry.upstream.name }));
};

// Everything but a tool call only reads, and may be sent twice.

const getPrompt: Finder = (view, { params }) => {
  const entry = view.prompts.get(String(params?.['name']));
  return (
    entry && plainTarget(entry.server, 'prompts/get', paramsForHop(params, { name: entry.upstream.name }))
  );
};

const readResource: Finder = (view, { params }) => {
  const uri = String(params?.['uri']);
  const server = providerOf(view, uri);
  return server && plainTarget(server, 'resources/read', paramsForHop(params, {}));
};

const complete: Finder = (view, { params }) => {
  const ref = params?.['ref'];
  if (!isObject(ref)) return undefined;
  if (ref['type'] === 'ref/prompt') {
    const entry = view.prompts.get(String(ref['name']));
    const renamed = { ref: { ...ref, name: entry?.upstream.name } };
    return entry && plainTarget(entry.server, 'completion/complete', paramsForHop(params, renamed));
  }
  const uri = String(ref['uri']);
  const entry = view.templates.get(uri) ?? view.resources.get(uri) ?? templateOf(view, uri);
  return entry && plainTarget(entry.server, 'completion/complete', paramsForHop(params, {}));
};

const finders: Readonly<Record<string, Finder>> = {
  'tools/call': callTool,
  'prompts/get': getPrompt,
  'resources/read': readResource,
  'completion/complete': complete,
};
