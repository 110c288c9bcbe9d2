import { modernVersion } from '../support/modern.js';
import type { SeenMessage } from '../support/messagesOf.js';
import type { Script } from './acts.js';
import { keyOf, Wire, type RequestId, type SentRequest } from './wire.js';

/** A call of the acting tool that a client has made. */
export interface Call {
  readonly id: RequestId;
  readonly script: Script;
  readonly token: RequestId | undefined;
  /** Whether it describes itself (2026 era). */
  readonly modern: boolean;
  readonly message: Message;
  readonly wire: Wire;
  readonly sent: SentRequest;
}

/** What a client of the 2025 era has been asked. */
export interface Asked {
  readonly id: RequestId;
  readonly nonce: string;
  answered: boolean;
}

/** A result that requires input, of a client of the 2026 era. */
interface Round {
  readonly call: Call;
  readonly state: unknown;
  readonly keys: readonly string[];
  retried: boolean;
}

export type Message = Readonly<Record<string, unknown>> & { readonly params?: Record<string, unknown> };

const nonceIn = (value: unknown): string => /nonce-\d+/.exec(JSON.stringify(value))?.[0] ?? '';

/** A client that says whatever a story wants, and keeps what it hears. */
export abstract class TestClient {
  readonly name: string;
  readonly wires: Wire[] = [];
  readonly calls: Call[] = [];
  readonly asked: Asked[] = [];
  readonly rounds: Round[] = [];
  /** Sending that is under way. */
  readonly sending = new Set<Promise<unknown>>();
  /** Messages that cancel, and what. */
  protected readonly cancelling: { readonly key: string; readonly wire: Wire }[] = [];
  #fresh = 0;

  constructor(name: string) {
    this.name = name;
  }

  /** Whether calls are described by themselves (2026 era) unless a story says otherwise. */
  abstract readonly modern: boolean;
  abstract open(): Promise<void>;
  /** Sends one message, or a batch, whose answers come on the wire it gives. */
  abstract send(value: unknown, requests: readonly SentRequest[], unreadable?: number): Wire;
  abstract cancel(id: RequestId): void;
  /** Hangs up: the connection of one call, or the whole channel. */
  abstract leave(wire: Wire): void;
  /** Whether the connection of a stream can be lost and come back for. */
  abstract canResume(wire: Wire): boolean;
  /** Loses the connection of a stream and comes back for it. */
  abstract resume(wire: Wire): void;
  abstract close(): Promise<void>;

  call(id: RequestId, script: Script, token: RequestId | undefined, server: string, modern: boolean): void {
    const params = { name: `${server}_act`, arguments: script };
    this.#start({ id, script, token, modern, message: requestOf(id, 'tools/call', params, modern, token) });
  }

  /** Any other request. */
  request(id: RequestId, method: string, params: Record<string, unknown>, modern: boolean): void {
    this.send(requestOf(id, method, params, modern), [{ key: keyOf(id), excused: false }]);
  }

  /** A batch (2025-03-26): its answers come as one array. */
  sendBatch(messages: readonly unknown[], requests: readonly SentRequest[]): void {
    const cancelled = requests.filter(({ excused }) => excused);
    for (const { key } of cancelled) this.#excuseAll(key);
    const wire = this.send(messages, requests);
    for (const { key } of cancelled) this.cancelling.push({ key, wire });
  }

  /** Answers what was asked. */
  answer(asked: Asked, text: string | undefined, id: RequestId = asked.id): void {
    if (id === asked.id) asked.answered = true;
    const body =
      text === undefined
        ? { error: { code: -1, message: 'no' } }
        : { result: { role: 'assistant', model: 'm', content: { type: 'text', text } } };
    this.send({ jsonrpc: '2.0', id, ...body }, []);
  }

  /** Calls again with the input that was required. */
  retry(round: Round): void {
    round.retried = true;
    const { call, keys, state } = round;
    const id = this.freshId('retry');
    const given = { role: 'assistant', model: 'm', content: { type: 'text', text: call.script.nonce } };
    const inputResponses = Object.fromEntries(keys.map((key) => [key, given]));
    const { _meta, ...params } = call.message.params ?? {};
    const message = {
      ...call.message,
      id,
      params: { ...params, _meta, inputResponses, ...(state === undefined ? {} : { requestState: state }) },
    };
    this.#start({ ...call, id, message });
  }

  protected freshId(what: string): string {
    return `${what}-${++this.#fresh}`;
  }

  protected newWire(label: string): Wire {
    const wire = new Wire(`${this.name}, ${label}`, (frame, on) => this.#taken(frame, on));
    this.wires.push(wire);
    return wire;
  }

  /** Requests with this id that are not known to have been answered may stay without an answer from now on. */
  protected excuse(id: RequestId): readonly Call[] {
    const unanswered = this.#excuseAll(keyOf(id));
    return this.calls.filter(({ sent }) => unanswered.includes(sent));
  }

  #excuseAll(key: string): readonly SentRequest[] {
    const unanswered = this.wires
      .map((wire) => ({ wire, sent: wire.sent.filter((each) => each.key === key) }))
      .filter(({ wire, sent }) => wire.answers(key) < sent.length)
      .flatMap(({ sent }) => sent);
    for (const sent of unanswered) sent.excused = true;
    return unanswered;
  }

  protected track(work: Promise<unknown>): void {
    this.sending.add(work);
    void work.finally(() => this.sending.delete(work));
  }

  #start(call: Omit<Call, 'wire' | 'sent'>): void {
    const sent: SentRequest = { key: keyOf(call.id), nonce: call.script.nonce, excused: false };
    const wire = this.send(call.message, [sent]);
    this.calls.push({ ...call, wire, sent });
  }

  #taken(frame: SeenMessage, wire: Wire): void {
    if (frame.method === 'sampling/createMessage')
      this.asked.push({ id: frame.id ?? '', nonce: nonceIn(frame.params), answered: false });
    if (frame.result?.['resultType'] !== 'input_required') return;
    // Sent by now: an answer can't come in the turn of its request.
    const nonce = nonceIn(frame.result);
    const call = this.calls.findLast(
      (each) => each.wire === wire && each.sent.key === keyOf(frame.id) && each.script.nonce === nonce,
    );
    if (call === undefined) return void wire.faults.push(`input for ${nonce}, which was not called here`);
    const keys = Object.keys(frame.result['inputRequests'] ?? {});
    this.rounds.push({ call, keys, state: frame.result['requestState'], retried: false });
  }
}

/** A request of either era. */
export const requestOf = (
  id: RequestId,
  method: string,
  params: Record<string, unknown>,
  modern: boolean,
  token?: RequestId,
): Message => {
  const meta = {
    ...(token !== undefined && { progressToken: token }),
    ...(modern && {
      'io.modelcontextprotocol/protocolVersion': modernVersion,
      'io.modelcontextprotocol/clientCapabilities': { sampling: {} },
      'io.modelcontextprotocol/logLevel': 'debug',
    }),
  };
  const withMeta = Object.keys(meta).length === 0 ? params : { ...params, _meta: meta };
  return { jsonrpc: '2.0', id, method, params: withMeta };
};

/** `initialize` of a client that can be asked for samples. */
export const initializeOf = (version: string) => ({
  jsonrpc: '2.0',
  id: 'initialize',
  method: 'initialize',
  params: {
    protocolVersion: version,
    capabilities: { sampling: {} },
    clientInfo: { name: 'test', version: '1' },
  },
});
