/**
 * What must compile and what must not: `npm run test:types` checks this file and runs nothing. Each error that is expected is
 * on the line below its directive; a directive without one is an error itself.
 */
import { map, of, pipe, type Observable, type OperatorFunction } from 'rxjs';
import { authenticate } from '../../src/operators/authenticate.js';
import { checkShape } from '../../src/operators/checkShape.js';
import { handle } from '../../src/operators/handle.js';
import { invoke } from '../../src/operators/invoke.js';
import { openSession } from '../../src/operators/openSession.js';
import { resolveTool } from '../../src/operators/resolveTool.js';
import { retryAcrossInstances, type Order } from '../../src/operators/retryAcrossInstances.js';
import { validateArguments } from '../../src/operators/validateArguments.js';
import { within, type Limits } from '../../src/operators/within.js';
import { refusal } from '../../src/protocol/errors.js';
import type { Catalog } from '../../src/streams/catalog.js';
import { chain } from '../../src/streams/chain.js';
import type {
  Authenticated,
  Exchange,
  InSession,
  Pipeline,
  Placed,
  Principal,
  Resolved,
} from '../../src/streams/exchange.js';
import type { Latest } from '../../src/streams/latest.js';
import { result, type Reply } from '../../src/streams/reply.js';
import type { SessionStore } from '../../src/streams/sessions.js';
import { stage, type Stage } from '../../src/streams/stage.js';

type Equals<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const holds = <_T extends true>(): void => undefined;

declare const exchange: Exchange;
declare const sessions: SessionStore;
declare const catalog: Latest<Catalog>;
declare const refresh: () => Observable<never>;
declare const order: Order;
declare const limitsOf: () => Limits;

// The order of the gateway compiles, and each stage adds its fact to what came in.
const entered = of(exchange).pipe(authenticate(), openSession(sessions), checkShape(new Set()));
holds<Equals<typeof entered extends Observable<Exchange & Authenticated & InSession> ? true : false, true>>();
const resolved = entered.pipe(resolveTool(catalog, refresh), validateArguments());
const replies = resolved.pipe(within(retryAcrossInstances(order, invoke()), limitsOf));
holds<Equals<typeof replies, Observable<Reply>>>();
replies satisfies Observable<Reply>;

// Assembled without a source it is a pipeline: the generic sits on the operator.
pipe(
  authenticate(),
  openSession(sessions),
  resolveTool(catalog, refresh),
  validateArguments(),
  retryAcrossInstances(order, invoke()),
) satisfies Pipeline;

// A session belongs to a principal.
// @ts-expect-error openSession needs Authenticated
of(exchange).pipe(openSession(sessions));
// @ts-expect-error openSession stands before authenticate
of(exchange).pipe(openSession(sessions), authenticate());

// Arguments are those of a tool.
// @ts-expect-error validateArguments needs Resolved
of(exchange).pipe(authenticate(), validateArguments());
// @ts-expect-error validateArguments stands before resolveTool
of(exchange).pipe(authenticate(), validateArguments(), resolveTool(catalog, refresh));

// A call goes to an instance that something has chosen.
// @ts-expect-error invoke needs Placed
resolved.pipe(invoke());
// @ts-expect-error retryAcrossInstances needs Resolved
entered.pipe(retryAcrossInstances(order, invoke()));
// @ts-expect-error the attempt needs a session, which nothing here has opened
of(exchange).pipe(authenticate(), resolveTool(catalog, refresh), retryAcrossInstances(order, invoke()));

// Handlers know who calls and in which session.
const ping = handle(({ principal, session }) => result({ id: principal.id, level: session?.logLevel }));
entered.pipe(ping) satisfies Observable<Reply>;
// @ts-expect-error handle needs InSession
of(exchange).pipe(authenticate(), ping);

// A stage of one's own: the example of stage.ts.
interface Tenanted {
  readonly tenant: string;
}
const tenant = stage<Authenticated, Tenanted>((exchange) => {
  const [, tenant] = exchange.principal.id.split('@');
  if (tenant === undefined) throw refusal('ERR_FORBIDDEN', 'subject names no tenant');
  return { ...exchange, tenant };
});
holds<Equals<typeof tenant, Stage<Authenticated, Tenanted>>>();
const tenanted = of(exchange).pipe(authenticate(), tenant, openSession(sessions));
tenanted.pipe(
  map(({ tenant, principal, session }) => [tenant, principal.id, session?.id] as const),
) satisfies Observable<readonly [string, string, string | undefined]>;
// @ts-expect-error moved above authenticate
of(exchange).pipe(tenant, authenticate());

// A stage that waits returns an Observable of the next exchange.
stage<Authenticated, Tenanted>((exchange) => of({ ...exchange, tenant: 'a' })) satisfies Stage<
  Authenticated,
  Tenanted
>;
// @ts-expect-error a stage must add what it says
stage<Authenticated, Tenanted>((exchange) => exchange);
// @ts-expect-error a stage must return the whole exchange
stage<Authenticated, Tenanted>(() => ({ tenant: 'a' }));
// @ts-expect-error a promise is no Observable: rule 2
stage<Authenticated, Tenanted>(async (exchange) => Promise.resolve({ ...exchange, tenant: 'a' }));
stage<Authenticated, Tenanted>((exchange) => {
  // @ts-expect-error a stage sees only the facts it needs
  void exchange.target;
  return { ...exchange, tenant: exchange.principal.id };
});

// Facts can be read, not written.
declare const someone: Principal;
declare const placed: Exchange & Authenticated & Resolved & Placed;
// @ts-expect-error facts are read-only
placed.principal = someone;
// @ts-expect-error the message is read-only
placed.message = exchange.message;
placed.notes.outcome = 'success';

// A pipeline answers: one that ends in exchanges is none.
// @ts-expect-error the replies are missing
pipe(authenticate(), openSession(sessions)) satisfies Pipeline;
const answering: OperatorFunction<Exchange, Reply> = pipe(authenticate(), openSession(sessions), ping);
answering satisfies Pipeline;

// A chain is a pipe: the same order, the same facts, a service at its end.
chain(authenticate(), tenant, openSession(sessions), ping) satisfies Pipeline;
// @ts-expect-error moved above authenticate, in a chain too
of(exchange).pipe(chain(tenant, authenticate()));
// @ts-expect-error the replies are missing, in a chain too
chain(authenticate(), openSession(sessions)) satisfies Pipeline;
