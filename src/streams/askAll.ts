import { allKnown } from './allKnown.js';
import { combineDecisions } from './combineDecisions.js';
import type { Decision } from './decision.js';
import { followed } from './followed.js';
import type { Policy } from './policies.js';
import type { PolicyInput } from './policyInput.js';
import type { Prompt } from './sessions.js';

/** What several policies say of one question together; see {@link combineDecisions}. */
export const askAll = (policies: readonly Policy[], input: PolicyInput): Prompt<Decision> => {
  const [first] = policies;
  return policies.length === 1 && first !== undefined
    ? first.decide(input)
    : followed(
        allKnown(
          policies.map((policy) => policy.decide(input)),
          policies.length,
        ),
        combineDecisions,
      );
};
