import { catchError, defer, map, of, switchMap, tap, throwError, type Observable } from 'rxjs';
import {
  encodeHeaderValue,
  headerParameters,
  nameHeaderSource,
  parameterHeaders,
  type HeaderParameter,
} from '../../../protocol/headers.js';
import { isObject } from '../../../protocol/jsonrpc.js';
import type { ToolDefinition } from '../../../protocol/mcp.js';
import { refusal } from '../../../protocol/errors.js';
import type { Reply } from '../../../streams/reply.js';
import { conversation } from './conversation.js';
import { converse } from './converse.js';
import { EraContradicted } from './eraContradicted.js';
import { HopRefused } from './hopRefused.js';
import type { HttpLink } from './httpLink.js';
import { HttpRefusal } from './httpRefusal.js';
import { listAll } from './listAll.js';
import { ListenKeeper } from './listenKeeper.js';
import { modernCodec, modernRevisions } from './modernCodec.js';
import { readMessages, streamStart } from './readMessages.js';
import { plainRequest } from './plainRequest.js';
import type { Greeting, UpstreamEra, UpstreamRequest } from './upstreamEra.js';

/**
 * Revision 2026-07-28 over HTTP (3.5): one POST a request, no session; closing the response cancels.
 *
 * `subscriptions/listen` is one more long request here, kept open by {@link ListenKeeper}.
 */
export const modernHttpEra = (link: HttpLink): UpstreamEra => {
  const revision = modernRevisions[0] as string;
  const codec = modernCodec(link.clientInfo, revision);
  const parametersOf = cachedParameters();
  const talkOptions = {
    codec,
    listener: link.listener,
    // A server of this era must not ask (3.1); one that does gets no answer.
    respond: () =>
      link.log.warn({ server: link.name }, 'the server sent a request, which this revision forbids'),
  };

  const attempt = (request: UpstreamRequest): Observable<Reply> => {
    const id = link.nextId();
    const position = streamStart();
    const talk = conversation(id, request, talkOptions);
    const headers = mirror(request, revision, parametersOf);
    return link
      .post(headers, JSON.stringify(codec.encode(id, request)), request)
      .pipe(readMessages(link.maxMessageBytes, position), converse(talk, position));
  };

  /** What a refusal means; repeats the request where the server said that it did not begin and something can be mended. */
  const recover = (error: unknown, request: UpstreamRequest, mend: boolean): Observable<Reply> => {
    const hop = error instanceof HttpRefusal ? read(error) : error;
    if (!(hop instanceof HopRefused)) return hop instanceof Error ? throwError(() => hop) : of(hop as Reply);
    const supported = hop.error.code === -32022 ? supportedIn(hop) : undefined;
    if (supported !== undefined && !supported.some((version) => modernRevisions.includes(version as string)))
      return throwError(() => (supported.length > 0 ? new EraContradicted(true, hop) : hop));
    if (!mend) return throwError(() => hop);
    if (supported !== undefined) return send(request, false);
    link.log.warn(
      { server: link.name, method: request.method },
      'the server refused our headers; reading its tools anew',
    );
    link.listener.changed();
    return refreshed(request).pipe(switchMap((fresh) => send(fresh, false)));
  };

  /** An HTTP status and its body as a reply, or as the error to fail with. */
  const read = (refused: HttpRefusal): Reply | Error => {
    const { error } = refused;
    if (!refused.isAboutRequest) return refused.toGatewayError();
    // Codes that only the transports of older servers use (3.5): it is one of those.
    if (error === undefined || (error.code <= -32000 && error.code >= -32019))
      return new EraContradicted(false, refused);
    try {
      return codec.error(error);
    } catch (hop) {
      return hop as HopRefused;
    }
  };

  /** The request with its tool as the server defines it now: the headers follow its schema (3.5). */
  const refreshed = (request: UpstreamRequest): Observable<UpstreamRequest> => {
    const { tool } = request;
    if (tool === undefined) return of(request);
    return listAll(era, 'tools/list', 'tools').pipe(
      map(({ items }) => {
        const fresh = items.find((item) => item['name'] === tool.name) as ToolDefinition | undefined;
        if (fresh === undefined || era.screen(fresh) !== undefined)
          throw refusal('ERR_UPSTREAM_FAILED', 'The backend no longer offers this tool');
        return { ...request, tool: fresh };
      }),
    );
  };

  const send = (request: UpstreamRequest, mend: boolean): Observable<Reply> =>
    attempt(request).pipe(catchError((error: unknown) => recover(error, request, mend)));

  const era: UpstreamEra = {
    greet: () =>
      defer(() => era.send(plainRequest(codec.opening.method, codec.opening.params))).pipe(
        map((reply): Greeting => {
          if (reply.kind === 'result') return codec.greeting(reply.result);
          throw refusal('ERR_UPSTREAM_FAILED', 'The backend does not say what it offers', { cause: reply });
        }),
        tap((greeting) => watches.greeted(greeting)),
      ),
    send: (request) => defer(() => send(request, true)),
    watch: (uri) => watches.watch(uri),
    screen: (tool) => {
      const found = headerParameters(tool.inputSchema);
      return 'invalid' in found ? found.invalid : undefined;
    },
    end: () =>
      defer(() => {
        watches.stop(refusal('ERR_UPSTREAM_UNREACHABLE', 'The backend is closed'));
        return [];
      }),
  };
  const watches = new ListenKeeper({ send: era.send, listener: link.listener, log: link.log });
  return era;
};

/** The headers that mirror the body. */
const mirror = (
  { method, params, tool }: UpstreamRequest,
  revision: string,
  parametersOf: (tool: ToolDefinition) => readonly HeaderParameter[],
): string[] => {
  const headers = ['mcp-protocol-version', revision, 'mcp-method', method];
  const source = nameHeaderSource(method);
  const name = source === undefined ? undefined : params[source];
  if (typeof name === 'string') headers.push('mcp-name', encodeHeaderValue(name));
  if (tool === undefined) return headers;
  const parameters = parametersOf(tool);
  if (parameters.length === 0) return headers;
  const args = params['arguments'];
  return headers.concat(...Object.entries(parameterHeaders(parameters, isObject(args) ? args : undefined)));
};

/** A schema is searched once, not once a call. */
const cachedParameters = (): ((tool: ToolDefinition) => readonly HeaderParameter[]) => {
  const known = new WeakMap<ToolDefinition, readonly HeaderParameter[]>();
  return (tool) => {
    let parameters = known.get(tool);
    if (parameters === undefined) {
      const found = headerParameters(tool.inputSchema);
      parameters = 'invalid' in found ? [] : found;
      known.set(tool, parameters);
    }
    return parameters;
  };
};

const supportedIn = ({ error }: HopRefused): readonly unknown[] => {
  const supported = isObject(error.data) ? error.data['supported'] : undefined;
  return Array.isArray(supported) ? supported : [];
};
