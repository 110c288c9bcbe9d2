import type { PolicyInput } from '../../streams/policyInput.js';
import type { Prompt } from '../../streams/sessions.js';

/** Something that answers questions of policy: a compiled policy, or a server. */
export interface PolicyEngine {
  /** What its maker calls this version of it; empty for nothing. */
  readonly revision: string;
  /** Whether there is this decision at all; undefined where only asking tells. Otherwise why not. */
  lacks(path: string): string | undefined;
  /**
   * The decision as the policy gives it, undefined where it has none. Throws, or errors with, a `PolicyFault`.
   *
   * @param path `package/rule`, or a package
   */
  ask(path: string, input: PolicyInput): Prompt<unknown>;
  close(): void;
}
