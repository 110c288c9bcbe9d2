import type { IncomingMessage, ServerResponse } from 'node:http';
import { Observable, type Subscriber } from 'rxjs';
import { fromUnknown, refusal } from '../../protocol/errors.js';
import type { Channel } from '../../streams/channel.js';
import type { Exchange, Principal } from '../../streams/exchange.js';
import type { Caller, Identify } from '../../streams/identify.js';
import type { Latest } from '../../streams/latest.js';
import { endWithIdentity } from '../channel/endWithIdentity.js';
import { Incoming, type ChannelLimits, type ChannelOutlets } from '../channel/incoming.js';
import { accepts } from '../http/accepts.js';
import { begin } from '../http/begin.js';
import { allowOrigin, preflight } from '../http/cors.js';
import { guard, type GuardOptions } from '../http/guard.js';
import { isJson } from '../http/isJson.js';
import { namespaceOf, type EndpointOptions } from '../http/namespaceOf.js';
import { readBody, type BodyLimits } from '../http/readBody.js';
import { readableId, refuse } from '../http/refuse.js';
import type { RequestFeed } from '../http/requestFeed.js';
import { senderOf } from '../http/senderOf.js';
import { sseStreamOf } from './sseStreamOf.js';

export interface FromLegacySseOptions extends GuardOptions, BodyLimits, EndpointOptions, ChannelLimits {
  /** Path that takes the messages of all streams. */
  readonly messagesPath: string;
  /** Makes the id of a stream, a secret. */
  readonly streamId: () => string;
  readonly identify: Identify;
}

/** A stream and what comes in for it. */
interface Conversation {
  readonly channel: Channel;
  readonly incoming: Incoming;
  /** Whose stream it is. */
  readonly principalId: string;
  readonly namespace: string | undefined;
}

/**
 * The exchanges that arrive in the way of revision 2024-11-05: `GET` opens a stream, whose first event names the address for
 * `POST`s; everything else the gateway says comes on the stream (basic/transports, HTTP with SSE).
 *
 * Unsubscribing ends all streams.
 *
 * @param requests those for the paths of this transport
 * @param open makes the way out of a response, and tells the client where to post
 */
export const fromLegacySse = (
  requests: RequestFeed,
  options: Latest<FromLegacySseOptions>,
  open: (response: ServerResponse, endpoint: string) => Channel,
  outlets: ChannelOutlets,
): Observable<Exchange> =>
  new Observable((subscriber) => {
    const conversations = new Map<string, Conversation>();
    const listener = (request: IncomingMessage, response: ServerResponse): void => {
      try {
        guard(request, options.current);
        allowOrigin(request, response);
        if (request.method === 'OPTIONS') preflight(request, response);
        else if (pathOf(request) === options.current.messagesPath) post(request, response);
        else get(request, response);
      } catch (error) {
        refuse(request, response, fromUnknown(error));
      }
    };
    const get = (request: IncomingMessage, response: ServerResponse): void => {
      const namespace = namespaceOf(request.url ?? '/', options.current);
      if (request.method !== 'GET') throw methodNotAllowed('GET');
      if (!accepts(request.headers.accept).sse)
        throw refusal('ERR_NOT_ACCEPTABLE', 'Accept must include text/event-stream');
      if (options.current.isDraining()) throw refusal('ERR_DRAINING', 'The gateway is shutting down');
      const caller: Caller = { transport: 'sse', namespace, ...senderOf(request) };
      begin({
        identify: options.current.identify,
        caller,
        socket: request.socket,
        refused: (error) => refuse(request, response, error),
        known: (principal) => converse(request, response, caller, principal),
      });
    };
    const converse = (
      request: IncomingMessage,
      response: ServerResponse,
      caller: Caller,
      principal: Principal,
    ): void => {
      const { namespace } = caller;
      const id = options.current.streamId();
      const channel = open(response, `${options.current.messagesPath}?sessionId=${id}`);
      const incoming = incomingOf(request, channel, namespace, subscriber);
      conversations.set(id, { channel, incoming, principalId: principal.id, namespace });
      endWithIdentity(channel, options.current.identify, caller, principal);
      channel.onGone(() => conversations.delete(id));
    };
    const incomingOf = (
      request: IncomingMessage,
      channel: Channel,
      namespace: string | undefined,
      exchanges: Subscriber<Exchange>,
    ): Incoming =>
      new Incoming({
        channel,
        transport: 'sse',
        namespace,
        sender: senderOf(request),
        limits: () => options.current,
        outlets,
        exchanges,
      });
    const post = (request: IncomingMessage, response: ServerResponse): void => {
      if (request.method !== 'POST') throw methodNotAllowed('POST');
      const conversation = conversations.get(sseStreamOf(request));
      if (conversation === undefined) throw noSuchStream();
      begin({
        identify: options.current.identify,
        caller: { transport: 'sse', namespace: conversation.namespace, ...senderOf(request) },
        socket: request.socket,
        refused: (error) => refuse(request, response, error),
        known: ({ id }) => {
          // Somebody else's stream is as if it did not exist.
          if (id === conversation.principalId) receive(conversation, request, response);
          else refuse(request, response, noSuchStream());
        },
      });
    };
    const receive = (
      conversation: Conversation,
      request: IncomingMessage,
      response: ServerResponse,
    ): void => {
      if (!isJson(request.headers['content-type']))
        throw refusal('ERR_MEDIA_TYPE', 'Content-Type must be application/json');
      // Answers would pile up that nobody reads.
      if (!conversation.channel.valve.open)
        throw refusal('ERR_STREAM_FULL', 'The stream is full: read it before asking for more', {
          headers: { 'retry-after': '1' },
        });
      readBody(request, options.current, (error, value) => {
        if (error === undefined) take(conversation, value, request, response);
        else refuse(request, response, error);
      });
    };
    requests.on('request', listener);
    return () => {
      requests.off('request', listener);
      for (const { channel } of conversations.values()) channel.close('going-away');
    };
  });

/** What has an id is answered on the stream, a refusal too; the rest by the status alone. */
const take = (
  { incoming }: Conversation,
  value: unknown,
  request: IncomingMessage,
  response: ServerResponse,
): void => {
  try {
    incoming.take(value, senderOf(request));
  } catch (error) {
    const known = fromUnknown(error);
    if (readableId(value) === undefined) return refuse(request, response, known);
    incoming.refuse(known, value);
  }
  response.writeHead(202, { 'content-type': 'text/plain' }).end('Accepted');
};

const noSuchStream = () =>
  refusal('ERR_SESSION_UNKNOWN', 'There is no such stream: it has ended or never was');

const pathOf = ({ url = '/' }: IncomingMessage): string => url.split('?', 1)[0] ?? url;

const methodNotAllowed = (allow: string) =>
  refusal('ERR_METHOD_NOT_ALLOWED', 'Method not allowed here', { headers: { allow } });
