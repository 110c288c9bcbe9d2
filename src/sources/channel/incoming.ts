import type { Subscriber } from 'rxjs';
import { classify } from '../../protocol/classify.js';
import { fromUnknown, refusal, type GatewayError } from '../../protocol/errors.js';
import { exhausted } from '../../protocol/exhausted.js';
import { isRequest, type JsonRpcCall, type RequestId } from '../../protocol/jsonrpc.js';
import { metaKeys, metaOf } from '../../protocol/mcp.js';
import { internalMethods } from '../../protocol/methods.js';
import { assumedVersion, knownRevision } from '../../protocol/revisions/index.js';
import type { Revision } from '../../protocol/revisions/revision.js';
import type { Channel } from '../../streams/channel.js';
import { exchange, type Departure, type Exchange, type Origin, type Outlet } from '../../streams/exchange.js';
import { KeyedMembers } from '../../streams/keyedMembers.js';
import type { Reply } from '../../streams/reply.js';
import { asMessage } from '../asMessage.js';
import { parseMessage } from '../parseMessage.js';
import { readableId } from '../http/refuse.js';
import type { Sender } from '../http/senderOf.js';
import { Tracked } from './tracked.js';

/** Where the replies to what came in on a channel leave. */
export type ChannelOutlets = (channel: Channel, message: JsonRpcCall, origin: Origin) => Outlet;

export interface ChannelLimits {
  /** Levels of nested arrays and objects in a message. */
  readonly maxDepth: number;
  /** Most requests of one channel in flight. */
  readonly maxCalls: number;
  /** Whether the gateway is shutting down: nothing new is begun then. */
  readonly isDraining: () => boolean;
}

export interface IncomingOptions {
  readonly channel: Channel;
  readonly transport: Origin['transport'];
  readonly namespace: string | undefined;
  readonly sender: Sender;
  readonly limits: () => ChannelLimits;
  readonly outlets: ChannelOutlets;
  readonly exchanges: Subscriber<Exchange>;
}

/** The session of a channel, once `initialize` has opened it. */
interface Pinned {
  readonly sessionId: string;
  readonly revision: Revision;
}

/**
 * What arrives on one channel becomes exchanges.
 *
 * - `initialize` pins the channel to a session of its own, whose id the client never learns: the channel is the session. Its
 *   standalone stream opens with `notifications/initialized`; when the channel ends, so does the session with all its calls.
 * - A message that describes itself (2026 era) is served by itself, pinned or not. There is no header to confirm it, and no
 *   response stream to close: `notifications/cancelled` cancels it.
 */
export class Incoming {
  readonly #options: IncomingOptions;
  readonly #inFlight = new KeyedMembers<string, { readonly tracked: Tracked; readonly revision: Revision }>();
  readonly #standing = new Set<Tracked>();
  #pinned: Pinned | undefined;
  #initializing = false;
  #streaming = false;
  #gone = false;

  constructor(options: IncomingOptions) {
    this.#options = options;
    options.channel.onGone((why) => this.#leave(why));
  }

  /** Takes the text of one message. What is wrong with it is told on the channel. */
  receive(text: Buffer | string): void {
    let value: unknown;
    try {
      value = parseMessage(text, this.#options.limits().maxDepth);
      this.take(value, this.#options.sender);
    } catch (error) {
      this.refuse(fromUnknown(error), value);
    }
  }

  /**
   * Takes one message.
   *
   * @param sender who sent this one: on some transports each message has headers of its own
   * @throws GatewayError why it is not taken
   */
  take(value: unknown, sender: Sender): void {
    if (Array.isArray(value))
      throw refusal('ERR_INVALID_REQUEST', 'Batches are not taken here: one message at a time');
    const message = asMessage(value);
    if (message.method === 'notifications/cancelled' && this.#cancelByLeaving(message)) return;
    const revision = this.#revisionOf(message);
    if (isRequest(message)) this.#admit(message.id);
    if (message.method === 'initialize') this.#beginSession();
    this.#emit(message, revision, sender);
    if (message.method === 'notifications/initialized') this.#openStream(sender);
  }

  /** Answers what never became an exchange. */
  refuse(error: GatewayError, value: unknown): void {
    const revision = this.#pinned?.revision ?? knownRevision(assumedVersion);
    const id = readableId(value) ?? revision.unreadableId;
    this.#options.channel.send({
      jsonrpc: '2.0',
      ...(id === undefined ? undefined : { id }),
      error: error.toJsonRpc(),
    });
  }

  #revisionOf(message: JsonRpcCall): Revision {
    const describesItself = metaKeys.protocolVersion in metaOf(message.params);
    if (this.#pinned !== undefined && !describesItself && message.method !== 'initialize')
      return this.#pinned.revision;
    return classify(message);
  }

  #admit(id: RequestId): void {
    const { maxCalls, isDraining } = this.#options.limits();
    if (isDraining()) throw refusal('ERR_DRAINING', 'The gateway is shutting down: connect again');
    if (this.#inFlight.get(keyOf(id)) !== undefined)
      throw refusal('ERR_INVALID_REQUEST', 'A request with this id is in flight already');
    if (this.#inFlight.size >= maxCalls)
      throw exhausted('ERR_CONNECTION_EXHAUSTED', 'Too many requests are in flight on this connection', {
        limit: 'transports.max_calls_per_connection',
        max: maxCalls,
      });
  }

  #beginSession(): void {
    if (this.#initializing || this.#pinned !== undefined)
      throw refusal('ERR_SESSION_EXISTS', 'This connection is initialized already');
    this.#initializing = true;
  }

  /** Where leaving cancels, cancelling is leaving. Otherwise the session's call is looked for further on. */
  #cancelByLeaving({ params }: JsonRpcCall): boolean {
    const id = params?.['requestId'];
    const call = typeof id === 'string' || typeof id === 'number' ? this.#inFlight.get(keyOf(id)) : undefined;
    if (call?.revision.leavingCancels !== true) return false;
    call.tracked.leave('left');
    return true;
  }

  #openStream(sender: Sender): void {
    if (this.#pinned === undefined || this.#streaming) return;
    this.#streaming = true;
    this.#emitOwn(internalMethods.stream, this.#pinned, sender, () =>
      // It lasts as long as its session, which has expired, or as the gateway.
      this.#options.channel.close(this.#options.limits().isDraining() ? 'going-away' : 'session-ended'),
    );
  }

  #leave(why: Departure): void {
    this.#gone = true;
    for (const { tracked } of [...this.#inFlight.values()]) tracked.leave(why);
    for (const tracked of [...this.#standing]) tracked.leave(why);
    this.#endSession();
  }

  #endSession(): void {
    const pinned = this.#pinned;
    this.#pinned = undefined;
    if (pinned !== undefined)
      this.#emitOwn(internalMethods.end, pinned, this.#options.sender, () => undefined);
  }

  #emit(message: JsonRpcCall, revision: Revision, sender: Sender): void {
    const origin = this.#origin(revision, revision.sessions ? this.#pinned?.sessionId : undefined, sender);
    const isInitialize = message.method === 'initialize';
    const key = isRequest(message) ? keyOf(message.id) : undefined;
    const tracked: Tracked = new Tracked({
      outlet: this.#options.outlets(this.#options.channel, message, origin),
      ...(isInitialize && { seen: (reply: Reply) => this.#pin(reply, revision) }),
      over: () => {
        if (key !== undefined) this.#inFlight.delete(key);
        if (isInitialize) this.#initializing = false;
      },
    });
    if (key !== undefined) this.#inFlight.set(key, { tracked, revision });
    this.#options.exchanges.next(exchange({ message, origin, outlet: tracked }));
  }

  /** The id of the new session comes as a header, meant for HTTP: here it stays inside. */
  #pin(reply: Reply, revision: Revision): void {
    const sessionId = reply.kind === 'result' ? reply.headers?.['mcp-session-id'] : undefined;
    if (sessionId === undefined) return;
    this.#pinned = { sessionId, revision };
    if (this.#gone) this.#endSession();
  }

  /** Sends something of the source's own through the pipeline, where identity and session are checked. */
  #emitOwn(method: string, { revision, sessionId }: Pinned, sender: Sender, over: () => void): void {
    const message: JsonRpcCall = { jsonrpc: '2.0', method };
    const origin = this.#origin(revision, sessionId, sender);
    const tracked: Tracked = new Tracked({
      outlet: this.#options.outlets(this.#options.channel, message, origin),
      over: () => {
        this.#standing.delete(tracked);
        over();
      },
    });
    if (!this.#gone) this.#standing.add(tracked);
    this.#options.exchanges.next(exchange({ message, origin, outlet: tracked }));
  }

  #origin(revision: Revision, sessionId: string | undefined, sender: Sender): Origin {
    const { transport, namespace } = this.#options;
    return { ...sender, transport, namespace, revision, sessionId, batch: false };
  }
}

const keyOf = (id: RequestId): string => `${typeof id}:${id}`;
