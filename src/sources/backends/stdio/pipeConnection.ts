import { Observable, type Subscriber } from 'rxjs';
import { completedElicitation } from '../../../protocol/completedElicitation.js';
import { refusal } from '../../../protocol/errors.js';
import {
  isCall,
  isObject,
  isRequest,
  isResponse,
  type JsonRpcCall,
  type JsonRpcResponse,
  type Params,
} from '../../../protocol/jsonrpc.js';
import { metaKeys, metaOf } from '../../../protocol/mcp.js';
import { listenMethod } from '../../../protocol/methods.js';
import { KeyedMembers } from '../../../streams/keyedMembers.js';
import type { Log } from '../../../streams/log.js';
import { isFinal, type Reply } from '../../../streams/reply.js';
import { conversation, type Conversation } from '../mcp/conversation.js';
import type { EraCodec } from '../mcp/eraCodec.js';
import { refuseRequest } from '../mcp/refuseRequest.js';
import type { ServerListener, UpstreamRequest } from '../mcp/upstreamEra.js';
import { lateVoices } from './lateVoices.js';

/** Most requests under way on one pipe. */
const maxInFlight = 4096;
/**
 * Notifications passed on to a call whose client is not reading. A pipe is shared, so no single call may hold it back: what
 * is above this bound is left out. The answer itself always passes.
 */
const maxUnread = 64;

/** What runs a server's own code for a client, in which it may ask and log. */
const clientMethods = new Set(['tools/call', 'prompts/get', 'resources/read', 'completion/complete']);

/** Listen streams open at once: one, and a second while it takes over. */
const maxListens = 2;

interface Pending {
  readonly talk: Conversation;
  readonly request: UpstreamRequest;
  readonly subscriber: Subscriber<Reply>;
  unread: number;
}

/** The requests under way on one pipe, told apart by id and progress token. */
export interface PipeConnection {
  /** Sends a request in the codec's words; unsubscribing tells the server, except of `initialize`, which must not be cancelled. */
  request(codec: EraCodec, request: UpstreamRequest): Observable<Reply>;
  /** Sends a notification, if it can be. */
  notify(method: string, params?: Readonly<Record<string, unknown>>): void;
  /** Takes a message of the server, or a batch of them. */
  take(message: unknown): void;
  /** Fails the request with this id, or all of them. */
  fail(error: Error, id?: number): void;
}

/** Whether a notification belongs to a listen stream (3.7). */
const isOfStream = (params: Params | undefined): boolean => metaKeys.subscriptionId in metaOf(params);

/**
 * @param write hands a message to the process; false when it can't take it
 * @param keep how many notifications a call may have unread; on a connection that its client can hold back there is no need of it
 */
export const pipeConnection = (
  write: (message: unknown) => boolean,
  listener: ServerListener,
  log: Log,
  keep = maxUnread,
): PipeConnection => {
  const pending = new KeyedMembers<number, Pending>();
  const late = lateVoices();
  let lastId = 0;
  const respond = (response: JsonRpcResponse): void => void write(response);

  /** Whose message it is; undefined when that can't be told for sure. */
  const ownerOf = (message: unknown): Pending | undefined => {
    if (isResponse(message)) return pending.get(message.id as number);
    const { method, params } = message as JsonRpcCall;
    if (method === 'notifications/progress') return pending.get(params?.['progressToken'] as number);
    if (isOfStream(params)) return pending.get(metaOf(params)[metaKeys.subscriptionId] as number);
    // A log message, or something the server asks, names no request: it is somebody's for sure only while there is one alone.
    if (pending.size > 1 + maxListens) return undefined;
    const calls = [...pending.values()].filter(({ request }) => request.method !== listenMethod);
    const [alone] = calls;
    return calls.length === 1 && !late.mayBeOfOthers(alone?.request.principalId ?? '') ? alone : undefined;
  };

  const deliver = (owner: Pending, message: unknown): void => {
    const { talk, request, subscriber } = owner;
    let reply: Reply | undefined;
    try {
      reply = talk.accept(message);
    } catch (error) {
      pending.delete(talk.id);
      return subscriber.error(error);
    }
    if (reply === undefined) return;
    if (isFinal(reply)) {
      pending.delete(talk.id);
      subscriber.next(reply);
      return subscriber.complete();
    }
    owner.unread = request.valve.open ? 0 : owner.unread + 1;
    if (owner.unread <= keep) subscriber.next(reply);
  };

  const take = (message: unknown): void => {
    if (!isResponse(message) && !isCall(message))
      return log.debug({}, 'the server sent what is no message of the protocol');
    if (isCall(message) && !isRequest(message) && !isOfStream(message.params)) {
      if (message.method.endsWith('/list_changed')) return listener.changed();
      const uri = message.params?.['uri'];
      if (message.method === 'notifications/resources/updated' && typeof uri === 'string')
        return listener.updated(uri);
      const elicitation = completedElicitation(message);
      // It names no call, but an id: whoever was given that is told.
      if (elicitation !== undefined) return listener.completed(elicitation);
    }
    if (isResponse(message)) late.answered(message.id as number);
    const owner = ownerOf(message);
    if (owner === undefined && isCall(message) && isRequest(message)) return respond(refuseRequest(message));
    // A late answer to a cancelled request, mostly.
    if (owner !== undefined) deliver(owner, message);
  };

  return {
    request: (codec, request) =>
      new Observable((subscriber) => {
        if (pending.size >= maxInFlight)
          return subscriber.error(
            refusal('ERR_SERVER_EXHAUSTED', 'Too many calls of the backend are under way'),
          );
        const id = ++lastId;
        if (!write(codec.encode(id, request)))
          return subscriber.error(refusal('ERR_UPSTREAM_UNREACHABLE', 'The backend does not take calls'));
        const talk = conversation(id, request, { codec, listener, respond });
        pending.set(id, { talk, request, subscriber, unread: 0 });
        return () => {
          if (!pending.delete(id) || request.method === 'initialize') return;
          if (clientMethods.has(request.method)) late.cancelled(id, request.principalId);
          write({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: id } });
        };
      }),
    notify: (method, params) => void write({ jsonrpc: '2.0', method, ...(params && { params }) }),
    take: (message) => (Array.isArray(message) ? message.filter(isObject).forEach(take) : take(message)),
    fail(error, id) {
      const failed = id === undefined ? [...pending.values()] : [pending.get(id)];
      for (const owner of failed) {
        if (owner === undefined) continue;
        pending.delete(owner.talk.id);
        owner.subscriber.error(error);
      }
    },
  };
};
