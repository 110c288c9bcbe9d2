import type { Approval } from './approval.js';
import type { Authenticated, Exchange, InSession, Resolved } from './exchange.js';

/** Most that are remembered; the oldest makes room, and its person is asked again. */
const maxRemembered = 10_000;

type Call = Exchange & Authenticated & InSession & Resolved;

/**
 * Approvals that hold for a while: of a tool, whatever its arguments, by whoever approved it in the session it was approved in. Where there
 * are no sessions they are the caller's; of somebody whom nobody knows nothing is remembered.
 */
export class RememberedApprovals {
  readonly #byCall = new Map<string, { readonly until: number; readonly approval: Approval }>();
  readonly #ms: number | undefined;
  readonly #now: () => number;

  /** @param ms for how long, in milliseconds; undefined for none. @param now epoch milliseconds */
  constructor(ms: number | undefined, now: () => number) {
    this.#ms = ms;
    this.#now = now;
  }

  /** Whether an approval of this call could be remembered. */
  isFor({ principal, session }: Call): boolean {
    return this.#ms !== undefined && (session !== undefined || principal.anonymous !== true);
  }

  put(call: Call, approval: Approval): void {
    if (this.#ms === undefined || !this.isFor(call)) return;
    const key = keyOf(call);
    this.#byCall.delete(key);
    this.#byCall.set(key, { until: this.#now() + this.#ms, approval });
    if (this.#byCall.size > maxRemembered) this.#byCall.delete(this.#byCall.keys().next().value ?? '');
  }

  of(call: Call): Approval | undefined {
    if (this.#byCall.size === 0) return undefined;
    const key = keyOf(call);
    const known = this.#byCall.get(key);
    if (known === undefined) return undefined;
    if (known.until > this.#now()) return { ...known.approval, answer: 'remembered' };
    this.#byCall.delete(key);
    return undefined;
  }
}

const keyOf = ({ principal, session, target }: Call): string =>
  JSON.stringify([principal.id, session?.id, target.server.settings.name, target.tool?.name]);
