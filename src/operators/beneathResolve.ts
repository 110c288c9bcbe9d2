import type { Authorized, Exchange } from '../streams/exchange.js';

/**
 * Sees to it that a call comes to an operator before anything has been decided about it: for chains that no compiler has looked at.
 *
 * @throws TypeError beneath `authorize`: what another server has to say of the call would not be asked
 */
export const beneathResolve = (operator: string, exchange: Exchange & Partial<Authorized>): void => {
  if (exchange.decision !== undefined)
    throw new TypeError(`${operator} stands right beneath resolveTool, around authorize and all the rest`);
};
