/** What must compile and what must not of the operators for traffic; see order.test-d.ts. */
import { chain } from '../../src/streams/chain.js';
import { canary } from '../../src/operators/canary.js';
import { coalesce } from '../../src/operators/coalesce.js';
import { mirror, type MirrorOptions } from '../../src/operators/mirror.js';
import type { AssembleCalls, Checked, StockOperators } from '../../src/streams/ownPipeline.js';

declare const stock: StockOperators;
declare const options: MirrorOptions;

const rest: Parameters<typeof canary>[0] = chain(
  stock.enterServer,
  stock.validateArguments,
  stock.authorize,
  stock.redactArguments,
  stock.openState,
  stock.sendThrough((attempts) => coalesce<Checked>(attempts)),
);
((each) => chain(each.resolveTool, mirror(canary(rest, options), options))) satisfies AssembleCalls;

// @ts-expect-error beneath authorize the new version's policies would not be asked
canary(stock.send, options);
// @ts-expect-error nor those of the second server
mirror(stock.send, options);
