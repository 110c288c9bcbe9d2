import type { Headers } from '../protocol/classify.js';

/**
 * Who a call is made for, with the headers it came with: for whoever gets credentials for it (sources/oauth/subjectToken.ts), and for
 * nobody else. None of the headers goes to a server. An exchange of somebody known is one.
 */
export interface Caller {
  /** `method`: how it was found out who it is. */
  readonly principal: {
    readonly id: string;
    readonly method: string;
    readonly clientId: string | undefined;
    readonly scopes: readonly string[];
    /** What its credential says besides: who acts for it, for one. */
    readonly claims: Readonly<Record<string, unknown>>;
  };
  readonly origin: {
    readonly headers: Headers;
    readonly namespace: string | undefined;
    /** Whether it can be asked for something in the middle of a call; else by a result that wants a retry. */
    readonly revision: { readonly asksByRequest: boolean };
  };
}
