import { catchError, map, of, throwError, type Observable } from 'rxjs';
import { refusal } from '../../../protocol/errors.js';
import { isObject, type JsonRpcError } from '../../../protocol/jsonrpc.js';
import { alwaysOpen } from '../../../streams/valve.js';
import { conversation } from './conversation.js';
import { converse } from './converse.js';
import { HopRefused } from './hopRefused.js';
import type { HttpLink } from './httpLink.js';
import { HttpRefusal } from './httpRefusal.js';
import { modernCodec, modernRevisions } from './modernCodec.js';
import { plainRequest } from './plainRequest.js';
import { readMessages, streamStart } from './readMessages.js';

export type EraName = 'modern' | 'legacy';

/** `refused`: no modern server, and perhaps none that takes POSTs at this address. */
export type EraVerdict = EraName | 'refused';

/**
 * Asks a server over HTTP which era it speaks, by a modern request (3.13): what only a modern server can answer makes it one,
 * any other refusal of the request makes it a legacy one. One by 400, 404 or 405 may also be that of the older HTTP+SSE
 * transport.
 *
 * @returns one verdict. Credentials refused, overload, server errors and broken connections are no evidence: they fail with
 *   `ERR_UPSTREAM_FAILED` or `ERR_UPSTREAM_UNREACHABLE`
 */
export const detectEra = (link: HttpLink): Observable<EraVerdict> => {
  const revision = modernRevisions[0] as string;
  const codec = modernCodec(link.clientInfo, revision);
  const { method, params } = codec.opening;
  const request = plainRequest(method, params);
  const id = link.nextId();
  const position = streamStart();
  const talk = conversation(id, request, { codec, listener: link.listener, respond: () => undefined });
  return link
    .post(
      ['mcp-protocol-version', revision, 'mcp-method', method],
      JSON.stringify(codec.encode(id, request)),
      { valve: alwaysOpen },
    )
    .pipe(
      readMessages(link.maxMessageBytes, position),
      converse(talk, position),
      map((reply): EraVerdict => {
        if (reply.kind === 'result') return shared(reply.result['supportedVersions']) ?? 'legacy';
        return reply.kind === 'error' ? judge(reply.error, 200) : 'legacy';
      }),
      catchError((error: unknown) => {
        if (error instanceof HopRefused) return of<EraVerdict>(judge(error.error, 200));
        if (!(error instanceof HttpRefusal)) return throwError(() => error);
        const status = error.status;
        if (status < 400 || status >= 500 || [401, 403, 407, 408, 425, 429].includes(status))
          return throwError(() => error.toGatewayError());
        const verdict = error.error === undefined ? 'legacy' : judge(error.error, status);
        return of<EraVerdict>(verdict === 'legacy' && error.isAboutRequest ? 'refused' : verdict);
      }),
    );
};

const judge = (error: JsonRpcError, status: number): EraName => {
  const { code, data } = error;
  if (code === -32022) return shared(isObject(data) ? data['supported'] : undefined) ?? 'modern';
  return code === -32020 || code === -32021 || (code === -32601 && status === 404) ? 'modern' : 'legacy';
};

/** The era of the versions a server names: it may know the modern way of naming them, and yet only older ones. */
const shared = (versions: unknown): EraName | undefined => {
  if (!Array.isArray(versions) || versions.length === 0) return undefined;
  if (versions.some((version) => modernRevisions.includes(version as string))) return 'modern';
  if (versions.some((version) => typeof version === 'string' && version < '2026')) return 'legacy';
  throw refusal(
    'ERR_UPSTREAM_FAILED',
    'The backend speaks no revision of the protocol that the gateway knows',
  );
};
