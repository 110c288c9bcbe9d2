import type { Observable } from 'rxjs';
import type { ServerSettings } from '../config/settings.js';
import type { Decision } from './decision.js';
import type { PolicyInput } from './policyInput.js';

/** One policy that can be asked. */
export interface Policy {
  /** Where it stands and what is asked there: `gateway:sluice/allow`. Of a bounded number. */
  readonly name: string;
  /** What it says now: never throws, never errors; what it can't decide it does not allow. */
  decide(input: PolicyInput): Decision | Observable<Decision>;
  /** False while there is nothing that could decide: then nothing is allowed. */
  isUsable(): boolean;
}

/** Says of a server, by its name, whether what may be called of it can have changed. */
export type Concerns = (server: string) => boolean;

/** The policies of the moment. */
export interface Policies {
  /** All that decide over a server, or over one of its tools by its own name. All of them must allow. */
  over(server: Pick<ServerSettings, 'name' | 'policies'>, tool: string | undefined): readonly Policy[];
  /** A policy that is only tried out; undefined for none. */
  readonly shadow: Policy | undefined;
  /** Whether lists show only what the caller could call. */
  readonly lists: boolean;
  /** Another number whenever any of them may say something else than before. */
  readonly version: number;
}

/** Nothing decides. */
export const noPolicies: Policies = { over: () => [], shadow: undefined, lists: false, version: 0 };
