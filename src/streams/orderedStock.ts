import type { OperatorFunction } from 'rxjs';
import { undecided } from './decision.js';
import type { Authorized, Exchange, Resolved } from './exchange.js';
import type { Checked, StockOperators } from './ownPipeline.js';
import type { Reply } from './reply.js';
import { answerOf, service, type Service } from './service.js';
import { stage, type Stage, type Step } from './stage.js';

/**
 * The stages of the default chain for one of somebody's own, which no compiler may have looked at: a stage that stands above what
 * it needs says so, and a call that no policy was asked about goes on as one that none has a say in.
 */
export const orderedStock = (stock: StockOperators): StockOperators => {
  const beneathResolveTool = <Needs, Adds>(
    name: string,
    { step }: Stage<Needs, Adds>,
  ): Stage<Needs, Adds> => {
    const checked: Step<Needs, Adds> = (exchange) => {
      demandTarget(name, exchange);
      return step(exchange);
    };
    return stage(checked);
  };
  const sending = (part: OperatorFunction<Checked, Reply>): Service<Checked, Reply> => {
    const send = answerOf(part);
    return service((exchange) => {
      demandTarget('send', exchange);
      const { decision } = exchange as Partial<Authorized>;
      return send(decision === undefined ? { ...exchange, decision: undecided } : exchange);
    });
  };
  return {
    resolveTool: stock.resolveTool,
    enterServer: beneathResolveTool('enterServer', stock.enterServer),
    limitCalls: beneathResolveTool('limitCalls', stock.limitCalls),
    confirmHeaders: beneathResolveTool('confirmHeaders', stock.confirmHeaders),
    validateArguments: beneathResolveTool('validateArguments', stock.validateArguments),
    authorize: beneathResolveTool('authorize', stock.authorize),
    redactArguments: beneathResolveTool('redactArguments', stock.redactArguments),
    openState: beneathResolveTool('openState', stock.openState),
    send: sending(stock.send),
    sendThrough: (wrap) => sending(stock.sendThrough(wrap)),
    all: stock.all,
  };
};

const demandTarget = (name: string, exchange: Exchange & Partial<Resolved>): void => {
  if (exchange.target === undefined)
    throw new TypeError(`The chain has \`${name}\` above \`resolveTool\`, which has to come first`);
};
