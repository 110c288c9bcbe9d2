/** What a chain of one's own is given, and what it gives. */
import type { OperatorFunction } from 'rxjs';
import type { Registry } from 'prom-client';
import type { Settings } from '../config/settings.js';
import type { Secrets } from '../protocol/sealer.js';
import type { Catalog } from './catalog.js';
import type { Counters } from './counters.js';
import type {
  Authenticated,
  Authorized,
  Exchange,
  InSession,
  Redacting,
  Resolved,
  Resuming,
} from './exchange.js';
import type { Latest } from './latest.js';
import type { Log } from './log.js';
import type { Reply } from './reply.js';
import type { Service } from './service.js';
import type { Stage } from './stage.js';

/** A message of somebody who is known, within the limits on all messages: what a chain of calls begins with. */
export type Entered = Exchange & Authenticated & InSession;

/** A call that has passed all checks: what `send` takes. */
export type Checked = Entered & Resolved & Authorized & Redacting & Resuming;

/** The stages of the default chain of calls (`tools/call`, `prompts/get`, `resources/read`, `completion/complete`), configured, in their order. */
export interface StockOperators {
  /** Finds the server, and what is asked of it, among what the caller may see. */
  readonly resolveTool: Stage<Authenticated, Resolved>;
  /** Asks for the scopes of the server and the tool. */
  readonly enterServer: Stage<Authenticated & Resolved, unknown>;
  /** Counts against the limits of the tool and its server. */
  readonly limitCalls: Stage<Authenticated & Resolved, unknown>;
  /** Compares headers with the arguments that they say again. */
  readonly confirmHeaders: Stage<Resolved, unknown>;
  /** Checks arguments against the tool's schema. */
  readonly validateArguments: Stage<Resolved, unknown>;
  /** Asks the policies. */
  readonly authorize: Stage<Authenticated & InSession & Resolved, Authorized>;
  /** Takes out of arguments what must not leave; what it decides holds for the replies too. */
  readonly redactArguments: Stage<Authenticated & Resolved & Partial<Authorized>, Redacting>;
  /** Knows calls that go on after a question to the client. */
  readonly openState: Stage<Authenticated & Resolved, Resuming>;
  /** Sends the call and brings the replies: tasks, redaction of replies, deadlines, questions, limits of the server, retries. */
  readonly send: Service<Checked, Reply>;
  /**
   * `send` with something of one's own around its attempts: beneath redaction, deadlines and questions to the client, above the
   * limits of the server and the retries. The place of what keeps, shares or repeats answers.
   */
  sendThrough(
    wrap: (attempts: Service<Checked, Reply>) => OperatorFunction<Checked, Reply>,
  ): Service<Checked, Reply>;
  /** The whole default chain, `resolveTool` to `send`. */
  readonly all: Service<Entered, Reply>;
}

/** What a chain of one's own may know beside the call. */
export interface PipelineContext {
  readonly settings: Settings;
  readonly catalog: Latest<Catalog>;
  /** Counts what is limited, for all instances that share a cluster. */
  readonly counters: Counters;
  /** What clients hold for the gateway is sealed with them; those who share sessions share them. */
  readonly keys: Latest<Secrets>;
  /** What `/metrics` shows. */
  readonly metrics: Registry;
  readonly log: Log;
  /** True where no call will be made with the chain: `sluice check` tries it, `explain` looks at it. */
  readonly isTrial: boolean;
}

/**
 * Assembles the chain of calls. Called anew for each configuration, and for trials: it assembles and does nothing else, what is to
 * last longer than one configuration belongs outside of it.
 *
 * @example
 * ```ts
 * export default (stock: StockOperators) =>
 *   chain(stock.resolveTool, officeHours, stock.validateArguments, stock.authorize, stock.redactArguments, stock.openState, stock.send);
 * ```
 */
export type AssembleCalls = (
  stock: StockOperators,
  context: PipelineContext,
) => OperatorFunction<Entered, Reply>;

/** Puts something around the answers to all messages of clients: lists and the gateway's own answers as well as calls. */
export type AssembleAround = (
  all: Service<Entered, Reply>,
  context: PipelineContext,
) => OperatorFunction<Entered, Reply>;

/** A pipeline of one's own: what it does not say is as in the default. */
export interface OwnPipeline {
  readonly calls?: AssembleCalls | undefined;
  readonly around?: AssembleAround | undefined;
}
