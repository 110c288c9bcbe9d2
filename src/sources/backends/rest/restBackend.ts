import { map, mergeMap, NEVER, of, throwError, type Observable } from 'rxjs';
import type { Dispatcher } from 'undici';
import type { RestServerSettings } from '../../../config/settings.js';
import { refusal } from '../../../protocol/errors.js';
import { concealer } from '../../../protocol/redaction/concealer.js';
import { spellings } from '../../../protocol/redaction/spellings.js';
import { isObject } from '../../../protocol/jsonrpc.js';
import type { Backend, BackendCall } from '../../../streams/backend.js';
import type { Log } from '../../../streams/log.js';
import { result, type Reply } from '../../../streams/reply.js';
import type { Valve } from '../../../streams/valve.js';
import { fromDispatch, type Chunk, type Head } from '../../fromDispatch.js';
import { inSlices } from '../../inSlices.js';
import { loopShare } from '../../loopShare.js';
import type { CallCredentials } from '../../oauth/callCredentials.js';
import { addedHeaders } from '../addedHeaders.js';
import type { Way } from '../connectTo.js';
import { ownSecrets } from '../ownSecrets.js';
import { withoutSecrets } from '../withoutSecrets.js';
import { longestConnectMs } from '../longestConnectMs.js';
import { withCredentials } from '../withCredentials.js';
import { baseHeaders } from './baseHeaders.js';
import { baseUrl } from './baseUrl.js';
import { hasManyParts } from './hasManyParts.js';
import { chooseReader } from './chooseReader.js';
import type { CompiledTool } from './compileTool.js';
import { followRedirects } from './followRedirects.js';
import { hopHeaders } from './hopHeaders.js';
import { originPool } from './originPool.js';
import { restLimits } from './restLimits.js';
import { restRepertoire } from './restRepertoire.js';
import { secretsOf } from './secretsOf.js';
import { toolError } from './toolError.js';
import { toReplies } from './toReplies.js';

export interface RestBackendOptions extends Way {
  readonly settings: RestServerSettings;
  /** This instance's base URL; `''` to take the one the OpenAPI document names. */
  readonly url: string;
  /** What lets requests in, where the headers do not; closed with the backend. */
  readonly credentials?: CallCredentials | undefined;
  readonly log: Log;
  /** Longest answer in bytes, joined parts of a streamed one included. Default 16 MiB. */
  readonly maxResponseBytes?: number;
}

/**
 * One instance of a REST service as a backend: each of its tools is one HTTP request.
 *
 * > Subscribing sends the request, unsubscribing closes its connection, and a client that can't keep up holds the service back.
 *
 * ```
 * JSON answer      ------(r|)          r result
 * streamed answer  --n--n---n-(r|)     n progress: a row, an event, a piece of text
 * ```
 *
 * An HTTP error is an `isError` result; so is an argument that can't be sent, and then nothing is sent. Nothing of the client but
 * the arguments, a valid trace parent and the time that is left reaches the service. See {@link compileTool} for where arguments go and
 * {@link toContent} for what becomes of answers.
 *
 * @throws TypeError when the URL or a header of the settings can't work
 */
export const restBackend = ({
  settings,
  url,
  credentials,
  log,
  maxResponseBytes,
  ...way
}: RestBackendOptions): Backend => {
  const limit = maxResponseBytes ?? restLimits.responseBytes;
  if (!(limit > 0)) throw new TypeError('maxResponseBytes is a number of bytes above 0');
  const base = url === '' ? undefined : baseUrl(url);
  if (base === undefined && settings.openapi === undefined)
    throw new TypeError(
      `The REST server "${settings.name}" has neither a URL nor an OpenAPI document that names one`,
    );
  const headers = baseHeaders(settings.headers);
  const own = ownSecrets({
    named: settings.headers,
    addresses: [url, settings.openapi ?? '', ...settings.tools.map(({ path }) => path)],
  });
  const secrets = [...own, ...secretsOf(settings.headers)];
  const conceal = concealer(() => own);
  const repertoire = restRepertoire({ settings, base, headers, guard: way.guard, tls: way.tls, log });
  const pool = originPool(longestConnectMs(settings), way);
  const share = loopShare(restLimits.partsMs);
  const server = encodeURIComponent(settings.name);

  const send = (tool: CompiledTool, origin: string, call: BackendCall): Observable<Reply> => {
    const values = call.params['arguments'];
    const made = tool.request(isObject(values) ? values : {}, hopHeaders(call));
    if (typeof made === 'string') return of(result(toolError(made)));
    // What a policy adds no argument may say otherwise.
    const more = addedHeaders(call);
    const request =
      more === undefined
        ? made
        : { ...made, headers: { ...(made.headers as Record<string, string>), ...more } };
    const dispatcher = pool.to(origin);
    /** With those of its credentials, what is not to be seen. */
    let unseen = secrets;
    let concealed = own;
    const dispatch = (next: Dispatcher.DispatchOptions, hold: Valve): Observable<Head | Chunk> => {
      if (credentials === undefined) return fromDispatch(dispatcher, next, hold, call.connectMs);
      return credentials.use(call.caller, (used) =>
        withCredentials(used, (more) => {
          const added = Object.fromEntries(pairs(more));
          unseen = [...secrets, ...secretsOf(added)];
          concealed = spellings([...own, ...ownSecrets({ named: added })]);
          const headers = { ...(next.headers as Record<string, string>), ...added };
          return fromDispatch(dispatcher, { ...next, headers }, hold, call.connectMs);
        }),
      );
    };
    const open = (hold: Valve): Observable<Head | Chunk> =>
      tool.redirectable
        ? followRedirects(request, {
            send: (next) => dispatch(next, hold),
            origin,
            limit: restLimits.redirects,
          })
        : dispatch(request, hold);
    const replies = inSlices(open, { wanted: hasManyParts, demand: call.valve, share }).pipe(
      toReplies((head, notify) =>
        chooseReader(head, {
          streaming: tool.streaming,
          list: tool.list,
          uri: `sluice://${server}/${tool.definition.name}`,
          limit,
          secrets: unseen,
          notify,
          takesProgress: call.progress,
        }),
      ),
    );
    if (credentials === undefined && own.length === 0) return replies;
    return withoutSecrets(
      replies,
      concealer(() => concealed),
    );
  };

  return {
    offer: () => repertoire.newest$.pipe(map(({ offer }) => conceal.message(offer))),
    invoke(call) {
      if (call.method !== 'tools/call') return of(unsupported);
      const name = String(call.params['name']);
      const { current } = repertoire;
      const tool = current?.tools.get(name);
      if (current !== undefined && tool !== undefined) return send(tool, current.base.origin, call);
      if (settings.openapi === undefined) return of(unknownTool(name));
      // The catalogue has it, so the document has not been read yet, or has it no more.
      return repertoire.newest$.pipe(
        mergeMap((newest) => {
          const found = newest.tools.get(name);
          return found === undefined ? of(unknownTool(name)) : send(found, newest.base.origin, call);
        }),
      );
    },
    changed$: NEVER,
    updated$: NEVER,
    completed$: NEVER,
    watch: () => throwError(() => refusal('ERR_METHOD_UNSUPPORTED', 'A REST service has no resources')),
    async close(graceMs) {
      await pool.close(graceMs);
      credentials?.close();
    },
  };
};

/** A flat list of names and values, two by two. */
const pairs = (list: readonly string[]): [string, string][] =>
  list.flatMap((name, index) => (index % 2 === 0 ? [[name, list[index + 1] ?? ''] as [string, string]] : []));

const unsupported: Reply = Object.freeze({
  kind: 'error',
  error: { code: -32601, message: 'A REST service has tools only' },
});

const unknownTool = (name: string): Reply => ({
  kind: 'error',
  error: { code: -32602, message: `Unknown tool: ${name.slice(0, 128)}` },
});
