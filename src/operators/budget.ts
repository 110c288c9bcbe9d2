import { isObservable, map, switchMap, type Observable, type OperatorFunction } from 'rxjs';
import type { Settings } from '../config/settings.js';
import { headerOf } from '../protocol/classify.js';
import { isObject } from '../protocol/jsonrpc.js';
import { metaOf } from '../protocol/mcp.js';
import { callerKey } from '../streams/callerKey.js';
import { clientAddress } from '../streams/clientAddress.js';
import type { Counters } from '../streams/counters.js';
import type { Authenticated, Exchange, InSession } from '../streams/exchange.js';
import { Ledger, type Account, type Owner } from '../streams/ledger.js';
import { meteredAs } from '../streams/meteredAs.js';
import { isFinal, type Reply } from '../streams/reply.js';
import { answerOf, service, type Service } from '../streams/service.js';

type Call = Exchange & Authenticated & InSession;

/** At least one of `calls` and `tokens`. */
export interface BudgetOptions {
  /** Where it is counted: of this process, or of all instances together. */
  readonly counters: Counters;
  /** Says which proxies' word counts for the addresses of callers whom nobody knows. */
  readonly settings?: Pick<Settings, 'http'>;
  /** Most calls; each round of one is a call. */
  readonly calls?: number;
  /** Most tokens of arguments and answers together, estimated. */
  readonly tokens?: number;
  /**
   * Whose budget it is. `session`, the default: of a session, and of the caller where there is none, as in the 2026 era. `principal`: of the
   * caller, whatever its sessions. Or of a conversation, which a client names in a header of HTTP or in `_meta`; of the caller where it
   * names none. A client may begin a new session or conversation as it likes: a budget by `principal` around this one bounds that.
   */
  readonly per?: 'session' | 'principal' | { readonly header: string } | { readonly meta: string };
  /** In what time, in milliseconds, counted from 1970 on: a day ends at midnight UTC. Default: in all, until a week passes without a call. */
  readonly windowMs?: number;
  /** Tells several budgets apart. Default: `budget`. */
  readonly name?: string;
}

/** Under this key results say in `_meta` what is left, by the name of the budget. */
const metaKey = 'io.sluice/budget';
/** After a week without a call, a session is over. */
const forgottenMs = 7 * 86_400_000;
/** Longest name of a conversation that counts. */
const maxName = 200;

/**
 * Bounds how many calls a session, a caller or a conversation makes, and how many tokens they cost: what its model can spend.
 *
 * > Answers are counted when they are there, and never held up or taken back: the one that uses the budget up is the last.
 *
 * ```
 * calls              --a---b------c--|
 * budget (2 calls)   --r---r------#        ERR_BUDGET_EXCEEDED (429), with the limit in its data
 * ```
 *
 * Tokens are estimated as the reports of analytics do it: four bytes of JSON are one.
 *
 * ```ts
 * budget(stock.send, { ...context, calls: 100, tokens: 200_000 })
 * ```
 *
 * @param part what is paid for
 */
export const budget = <E extends Call>(
  part: OperatorFunction<E, Reply>,
  { counters, settings, calls, tokens, per = 'session', windowMs, name = 'budget' }: BudgetOptions,
): Service<E, Reply> => {
  if (calls === undefined && tokens === undefined)
    throw new TypeError('budget: calls or tokens must be given');
  for (const [option, value] of Object.entries({ calls, tokens, windowMs }))
    if (value !== undefined && !(value >= 1))
      throw new TypeError(`budget: ${option} must be at least 1, and is ${value}`);
  const send = answerOf(part);
  const ownerOf = owners(name, per, clientAddress(settings?.http.trustedProxies ?? []));
  const ledger = new Ledger({
    ...{ counters, name, calls, tokens },
    ...(windowMs === undefined
      ? ({ windowMs: forgottenMs, kind: 'total' } as const)
      : ({ windowMs, kind: 'quota' } as const)),
  });
  return service((exchange) => {
    if (meteredAs(exchange.message) !== 'calls') return send(exchange);
    const owner = ownerOf(exchange);
    const spend = (account: Account): Observable<Reply> =>
      send(exchange).pipe(
        map((reply) => {
          if (!isFinal(reply)) return reply;
          if (reply.kind !== 'result') {
            if (reply.kind === 'error') ledger.settle(owner, account, reply.error);
            return reply;
          }
          const left = ledger.settle(owner, account, reply.result);
          const meta = metaOf(reply.result);
          const others = meta[metaKey];
          const told = { ...meta, [metaKey]: { ...(isObject(others) && others), [name]: left } };
          return { ...reply, result: { ...reply.result, _meta: told } };
        }),
      );
    const opened = ledger.open(exchange, owner);
    return isObservable(opened) ? opened.pipe(switchMap(spend)) : spend(opened);
  });
};

const owners = (
  name: string,
  per: NonNullable<BudgetOptions['per']>,
  addressOf: ReturnType<typeof clientAddress>,
): ((exchange: Call) => Owner) => {
  const header = typeof per === 'object' && 'header' in per ? per.header.toLowerCase() : undefined;
  const meta = typeof per === 'object' && 'meta' in per ? per.meta : undefined;
  const conversation = ({ message, origin }: Call): unknown => {
    if (header !== undefined) return headerOf(origin.headers, header);
    return meta === undefined ? undefined : metaOf(message.params)[meta];
  };
  return (exchange) => {
    // A conversation is its caller's: nobody spends what is another's.
    const caller = callerKey('user', exchange, addressOf);
    const key = (...parts: readonly string[]): string => JSON.stringify(['budget', name, caller, ...parts]);
    if (per === 'session' && exchange.session !== undefined)
      return { key: key('session', exchange.session.id), of: 'session' };
    const named = conversation(exchange);
    return typeof named === 'string' && named !== '' && named.length <= maxName
      ? { key: key('conversation', named), of: 'conversation' }
      : { key: key(), of: 'principal' };
  };
};
