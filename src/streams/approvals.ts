import { createHash, randomUUID } from 'node:crypto';
import { map, Observable, of, switchMap, type SchedulerLike } from 'rxjs';
import { approvalQuestion } from '../protocol/approval/approvalQuestion.js';
import { approvalVerdict } from '../protocol/approval/approvalVerdict.js';
import { canonicalJson } from '../protocol/canonicalJson.js';
import { refusal, type GatewayError } from '../protocol/errors.js';
import { missingCapability, type InputRequest } from '../protocol/input.js';
import { isObject, type Params } from '../protocol/jsonrpc.js';
import { noState } from '../protocol/noState.js';
import { requestDigest } from '../protocol/sealedState.js';
import { sealer, type Secrets } from '../protocol/sealer.js';
import type { Approval } from './approval.js';
import { capabilitiesOf } from './capabilitiesOf.js';
import type { Counters } from './counters.js';
import type { Authenticated, Exchange, InSession, Resolved } from './exchange.js';
import { select, type Latest } from './latest.js';
import { prompted } from './prompted.js';
import { RememberedApprovals } from './rememberedApprovals.js';
import type { Answer, Reply } from './reply.js';

/** A call that may need an approval. */
export type ApprovableCall = Exchange & Authenticated & InSession & Resolved;

export interface ApprovalsOptions<E> {
  /** Seal what a client of the 2026 era holds between the question and the answer. */
  readonly keys: Latest<Secrets>;
  /** Know which answers have been used. */
  readonly counters: Counters;
  /** How long a person may take, in milliseconds. */
  readonly timeoutMs: number;
  /** For how long a person may choose not to be asked again, in milliseconds; undefined for never. */
  readonly rememberMs: number | undefined;
  /** What the person is asked. */
  readonly message: (exchange: E) => string;
  readonly scheduler: SchedulerLike;
}

/** What a client holds between two rounds, sealed. Good for one call, and once. */
interface ApprovalState {
  /** `asked`: nobody has answered. `approved`: the call was made, and its server asks for something. */
  readonly step: 'asked' | 'approved';
  readonly id: string;
  /** Of who calls what with which arguments. */
  readonly call: string;
  /** When it ends, in epoch milliseconds. */
  readonly until: number;
  /** The server's own state. */
  readonly upstream?: string;
  readonly approval?: Approval;
}

/** The key of the question among those of a round. */
const questionKey = 'approval';
/** How long an approved call may go on asking for things, in milliseconds; the gateway's own `state.ttl` ends it before. */
const roundsMs = 3_600_000;

/** Asks clients of either era whether a call may be made, and makes it when a person has approved just this one. */
export class Approvals<E extends ApprovableCall> {
  readonly #options: ApprovalsOptions<E>;
  readonly #sealer: Latest<ReturnType<typeof sealer>>;
  readonly #remembered: RememberedApprovals;

  constructor(options: ApprovalsOptions<E>) {
    this.#options = options;
    this.#sealer = select(options.keys, (secrets) => sealer(secrets, 'sluice approval'));
    this.#remembered = new RememberedApprovals(options.rememberMs, () => this.#now());
  }

  /** Whether a call goes on with a round that was begun here. */
  isRound({ target }: E): boolean {
    const { requestState } = target.params;
    return typeof requestState === 'string' && this.#open(requestState) !== undefined;
  }

  /** Makes a call when it is approved. Errors: `ERR_APPROVAL_REQUIRED`, `ERR_CAPABILITY_REQUIRED`, `ERR_NOT_APPROVED`, `ERR_STATE_INVALID`. */
  pass(exchange: E, send: (exchange: E) => Observable<Reply>): Observable<Reply> {
    const { requestState } = exchange.target.params;
    if (requestState !== undefined) return this.#goOn(exchange, requestState, send);
    const known = this.#remembered.of(exchange);
    if (known !== undefined) return this.#call(exchange, {}, known, send);
    this.#demandForms(exchange);
    note(exchange, { answer: 'asked' });
    // Answers that nobody asked for are no answers.
    return exchange.origin.revision.asksByRequest
      ? this.#request(exchange, send)
      : of<Reply>({ kind: 'result', result: this.#round(exchange) });
  }

  /** The client comes back with a state. */
  #goOn(exchange: E, text: unknown, send: (exchange: E) => Observable<Reply>): Observable<Reply> {
    const state = typeof text === 'string' ? this.#open(text) : undefined;
    if (state?.call !== callOf(exchange)) throw noState();
    const lifeMs = state.until - this.#now();
    if (lifeMs <= 0) throw state.step === 'asked' ? this.#late(exchange) : noState();
    // A bucket of one that fills when the state has ended.
    const once = { max: 1, windowMs: lifeMs, kind: 'bucket' } as const;
    return prompted(this.#options.counters.take(`approval ${state.id}`, 1, once)).pipe(
      switchMap(({ allowed }) => {
        if (!allowed) throw noState();
        const { inputResponses } = exchange.target.params;
        if (state.step === 'asked') {
          const given = isObject(inputResponses) && Object.hasOwn(inputResponses, questionKey);
          const approval = this.#judge(exchange, given ? inputResponses[questionKey] : undefined);
          return this.#call(exchange, {}, approval, send);
        }
        const { upstream, approval } = state;
        const round = {
          ...(inputResponses !== undefined && { inputResponses }),
          ...(upstream !== undefined && { requestState: upstream }),
        };
        return this.#call(exchange, round, approval ?? { answer: 'approved' }, send);
      }),
    );
  }

  /** Asks by a request, and waits. */
  #request(exchange: E, send: (exchange: E) => Observable<Reply>): Observable<Reply> {
    const { scheduler, timeoutMs } = this.#options;
    return new Observable((subscriber) => {
      const end = scheduler.schedule(() => subscriber.error(this.#late(exchange)), timeoutMs);
      subscriber.add(end);
      const answer = (given: Answer): void => {
        if (end.closed || subscriber.closed) return;
        end.unsubscribe();
        let replies$: Observable<Reply>;
        try {
          replies$ = this.#call(
            exchange,
            {},
            this.#judge(exchange, 'result' in given ? given.result : undefined),
            send,
          );
        } catch (error) {
          subscriber.error(error);
          return;
        }
        subscriber.add(replies$.subscribe(subscriber));
      };
      subscriber.next({ kind: 'ask', ...this.#question(exchange), answer });
    });
  }

  /** Asks by a result that wants a retry. */
  #round(exchange: E): Params {
    const until = this.#now() + this.#options.timeoutMs;
    return {
      resultType: 'input_required',
      inputRequests: { [questionKey]: this.#question(exchange) },
      requestState: this.#seal({ step: 'asked', id: randomUUID(), call: callOf(exchange), until }),
    };
  }

  #question(exchange: E): InputRequest {
    const { message, rememberMs } = this.#options;
    return approvalQuestion(message(exchange), this.#remembered.isFor(exchange) ? rememberMs : undefined);
  }

  /** Makes the call. What its server asks for in turn is part of what was approved: nobody is asked for that again. */
  #call(
    exchange: E,
    round: Params,
    approval: Approval,
    send: (exchange: E) => Observable<Reply>,
  ): Observable<Reply> {
    note(exchange, approval);
    const { inputResponses: _responses, requestState: _state, ...params } = exchange.target.params;
    const replies$ = send({ ...exchange, target: { ...exchange.target, params: { ...params, ...round } } });
    return replies$.pipe(
      map((reply) => {
        if (reply.kind !== 'result' || reply.result['resultType'] !== 'input_required') return reply;
        const { requestState: upstream, ...result } = reply.result;
        const state = {
          step: 'approved',
          id: randomUUID(),
          call: callOf(exchange),
          until: this.#now() + roundsMs,
          approval,
          ...(typeof upstream === 'string' && { upstream }),
        } as const;
        return { ...reply, result: { ...result, requestState: this.#seal(state) } };
      }),
    );
  }

  /** The approval that a person's answer is; throws what it is otherwise. */
  #judge(exchange: E, result: unknown): Approval {
    const { answer, reason, remember } = approvalVerdict(result);
    const { user, id } = exchange.principal;
    const approval = { answer, by: user ?? id, at: this.#now(), reason };
    note(exchange, approval);
    if (answer === 'approved') {
      if (remember) this.#remembered.put(exchange, approval);
      return approval;
    }
    const why = reason === undefined ? '' : `: ${reason}`;
    throw answer === 'denied'
      ? notApproved(answer, `The person who was asked denied this call${why}`, { reason })
      : notApproved(answer, `The question whether this call may be made was dismissed${why}`, { reason });
  }

  #demandForms(exchange: E): void {
    const form = { method: 'elicitation/create', params: { mode: 'form' } };
    const requiredCapabilities = missingCapability(form, capabilitiesOf(exchange));
    if (requiredCapabilities === undefined) return;
    note(exchange, { answer: 'unasked' });
    const { asksByRequest } = exchange.origin.revision;
    throw refusal(
      asksByRequest ? 'ERR_APPROVAL_REQUIRED' : 'ERR_CAPABILITY_REQUIRED',
      'A person has to approve this call, and this client can not be asked: it has not declared `elicitation`',
      { data: { requiredCapabilities }, outcome: 'forbidden' },
    );
  }

  #late(exchange: E): GatewayError {
    note(exchange, { answer: 'timed_out' });
    const { timeoutMs } = this.#options;
    return notApproved('timed_out', `Nobody approved this call within ${timeoutMs / 1000} s`, { timeoutMs });
  }

  #seal(state: ApprovalState): string {
    return this.#sealer.current.seal({ ...state });
  }

  #open(text: string): ApprovalState | undefined {
    return this.#sealer.current.open(text) as ApprovalState | undefined;
  }

  #now(): number {
    return this.#options.scheduler.now();
  }
}

const note = ({ notes }: Exchange, approval: Approval): void => {
  notes.approval = approval;
};

/** Outcomes of what was not approved. */
const outcomes = { denied: 'forbidden', cancelled: 'cancelled', timed_out: 'timeout' } as const;

const notApproved = (approval: keyof typeof outcomes, message: string, more: Params): GatewayError =>
  refusal('ERR_NOT_APPROVED', message, { data: { approval, ...more }, outcome: outcomes[approval] });

/**
 * What is approved: who calls which tool of which server, as the client asked for it and as the server gets it. What the gateway itself
 * puts into `_context` is another time each round.
 */
const callOf = ({ principal, target, message }: ApprovableCall): string => {
  const { arguments: args } = target.params;
  const { _context, ...own } = isObject(args) ? args : { args };
  const asked = requestDigest(message.method, message.params ?? {});
  const parts = [principal.id, target.server.settings.name, target.tool?.name, own, asked];
  return createHash('sha256').update(canonicalJson(parts)).digest('base64url');
};
