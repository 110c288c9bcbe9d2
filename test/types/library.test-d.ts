/**
 * What must compile and what must not for whoever has installed the package. Checked against the sources by `npm run test:types`, and
 * against the packed package too.
 */
import {
  chain,
  createGateway,
  refusal,
  stage,
  undecided,
  type AssembleCalls,
  type Authenticated,
  type Authorized,
  type Resolved,
} from 'sluice';
import { coalesce } from 'sluice/operators';
import { call, marbles } from 'sluice/testing';

const mine = stage<Authenticated & Resolved, unknown>((exchange) => {
  if (exchange.target.tool === undefined) throw refusal('ERR_FORBIDDEN', 'Only tools');
  return exchange;
});
const unjudged = stage<unknown, Authorized>((exchange) => ({ ...exchange, decision: undecided }));

// The whole chain, with something of one's own in it and around its attempts.
(({ resolveTool, enterServer, limitCalls, confirmHeaders, validateArguments, authorize, ...stock }) =>
  chain(
    resolveTool,
    enterServer,
    limitCalls,
    confirmHeaders,
    validateArguments,
    mine,
    authorize,
    stock.redactArguments,
    stock.openState,
    stock.sendThrough((attempts) => coalesce(attempts)),
  )) satisfies AssembleCalls;
((stock) => stock.all) satisfies AssembleCalls;

// A stage that needs the tool stands beneath what finds it.
((stock) =>
  chain(
    // @ts-expect-error mine needs Resolved
    mine,
    stock.resolveTool,
    stock.authorize,
    stock.redactArguments,
    stock.openState,
    stock.send,
  )) satisfies AssembleCalls;
// Nothing is sent that no policy was asked about, unless somebody says so.
((stock) =>
  chain(
    stock.resolveTool,
    stock.redactArguments,
    // @ts-expect-error authorize is missing: what openState gives is not what send takes
    stock.openState,
    stock.send,
  )) satisfies AssembleCalls;
((stock) =>
  chain(
    stock.resolveTool,
    unjudged,
    stock.redactArguments,
    stock.openState,
    stock.send,
  )) satisfies AssembleCalls;
// @ts-expect-error a chain ends in replies
((stock) => chain(stock.resolveTool, mine)) satisfies AssembleCalls;

createGateway(
  { servers: { search: { url: 'http://127.0.0.1:9102/mcp' } } },
  { pipeline: { calls: (stock) => stock.all } },
);
// @ts-expect-error there is no such key
createGateway({ serverss: {} });
marbles(({ cold }) => void cold('a|', { a: call('ping') }));
