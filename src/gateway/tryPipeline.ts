import { randomBytes } from 'node:crypto';
import { Registry } from 'prom-client';
import { EMPTY, identity } from 'rxjs';
import type { Settings } from '../config/settings.js';
import { PipelineError } from '../sources/pipeline/pipelineError.js';
import { emptyCatalog } from '../streams/catalog.js';
import type { Counters } from '../streams/counters.js';
import type { Exchange } from '../streams/exchange.js';
import { constant } from '../streams/latest.js';
import { silent } from '../streams/log.js';
import type { OwnPipeline, PipelineContext, StockOperators } from '../streams/ownPipeline.js';
import { service } from '../streams/service.js';
import { stage } from '../streams/stage.js';

/** What is missing where a stage of the default chain is left out. */
const missed = {
  resolveTool: 'nothing of the default chain can work',
  enterServer: 'nobody is asked for the scopes of servers and tools',
  limitCalls: 'limits of servers and tools are not counted',
  confirmHeaders: 'headers may say something else than the arguments',
  validateArguments: 'arguments are sent as they are, whatever the schema of the tool says',
  authorize: 'no policy decides over calls',
  redactArguments: 'nothing is redacted, neither in arguments nor in replies',
  openState: 'clients of 2026-07-28 can not go on with a call that asked them something',
  send: 'no call is sent to a server',
} satisfies Partial<Record<keyof StockOperators, string>>;

type Name = keyof typeof missed;

/**
 * Assembles a pipeline of one's own with stages that do nothing, to see that it can be assembled.
 *
 * @returns what it leaves out of the default chain and what comes of that, a sentence each
 * @throws PipelineError
 */
export const tryPipeline = (
  { calls, around }: OwnPipeline,
  settings: Settings,
  name: string,
): readonly string[] => {
  const used = new Set<string>();
  if (calls !== undefined)
    demandOperator(name, 'its default export', () => calls(standIns(used), contextOf(settings)));
  if (around !== undefined) demandOperator(name, '`around`', () => around(nothing, contextOf(settings)));
  if (calls === undefined || used.has('all')) return [];
  return Object.entries(missed)
    .filter(([stock]) => !used.has(stock))
    .map(([stock, comes]) => `\`${stock}\` is left out of the pipeline ${name}: ${comes}`);
};

const demandOperator = (name: string, what: string, assemble: () => unknown): void => {
  let given: unknown;
  try {
    given = assemble();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new PipelineError(
      name,
      `${what} throws: ${why}`,
      'Mend the module; `sluice check` tries it',
      error,
    );
  }
  if (typeof given === 'function') return;
  const found = given instanceof Promise ? 'a promise' : typeof given;
  throw new PipelineError(
    name,
    `${what} gives ${found} where a chain was expected`,
    'Return what `chain(...)` gives; wait for things outside of it, with `await` at the top of the module',
  );
};

const nothing = service<Exchange, never>(() => EMPTY);

/** Takes note of what is read: what a chain leaves out it does not ask for. */
const standIns = (used: Set<string>): StockOperators => {
  const passing = stage<unknown, unknown>(identity);
  const parts: Record<Name | 'all' | 'sendThrough', unknown> = {
    ...(Object.fromEntries(Object.keys(missed).map((name) => [name, passing])) as Record<Name, unknown>),
    send: nothing,
    all: nothing,
    sendThrough: (wrap: StockOperators['sendThrough'] extends (wrap: infer W) => unknown ? W : never) =>
      wrap(nothing),
  };
  return Object.defineProperties(
    {},
    Object.fromEntries(
      Object.entries(parts).map(([name, part]) => [
        name,
        {
          enumerable: true,
          get() {
            used.add(name === 'sendThrough' ? 'send' : name);
            return part;
          },
        },
      ]),
    ),
  ) as StockOperators;
};

const contextOf = (settings: Settings): PipelineContext => ({
  settings,
  catalog: constant(emptyCatalog),
  counters: uncounted,
  keys: constant([randomBytes(32)]),
  metrics: new Registry(),
  log: silent,
  isTrial: true,
});

const uncounted: Counters = {
  take: (_key, _units, { max }) => ({ allowed: true, left: max, retryMs: 0, fullMs: 0 }),
  close: () => undefined,
};
