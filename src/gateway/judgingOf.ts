import type { Observable } from 'rxjs';
import type { Settings } from '../config/settings.js';
import type { PolicySources } from '../sinks/metrics/policyMetrics.js';
import type { Decision } from '../streams/decision.js';
import type { Exchange } from '../streams/exchange.js';
import { judge, type Judge } from '../streams/judge.js';
import type { Latest } from '../streams/latest.js';
import type { Log } from '../streams/log.js';
import type { Concerns } from '../streams/policies.js';
import { shownEntries, type ShownEntries } from '../streams/shownEntries.js';
import type { PolicyChange, PolicyHealth } from './livePolicy.js';
import { policyKeeping } from './policyKeeping.js';

/** Policies at work. */
export interface Judging extends PolicySources {
  readonly judge: Judge;
  /** The same for questions that are no calls: nothing is counted or logged. */
  readonly quiet: Judge;
  readonly shown: ShownEntries;
  /** Versions of policies as they come, good and bad. Hot. */
  readonly changes$: Observable<PolicyChange>;
  /** Emits when other calls may be allowed than before. Hot; never errors. */
  readonly concerned$: Observable<Concerns>;
  health(): readonly PolicyHealth[] | undefined;
  /** Resolves when every policy has been read, or can't be. */
  answered(): Promise<unknown>;
  close(): void;
}

/** Most names of policies that are counted: those of servers that came and went stay. */
const maxCounted = 10_000;

/**
 * Follows the policies of the settings, asks them, counts what they say and logs what the one that is tried out would have denied.
 *
 * @param instance the id of this instance; empty for one that is alone
 */
export const judgingOf = (settings: Latest<Settings>, log: Log, instance: string): Judging => {
  const keeping = policyKeeping(settings, log);
  const { policies } = keeping;
  const counted = new Map<string, { policy: string; decision: string; count: number }>();

  const count = (policy: string, decision: string): void => {
    const key = `${policy} ${decision}`;
    const known = counted.get(key);
    if (known !== undefined) known.count++;
    else if (counted.size < maxCounted) counted.set(key, { policy, decision, count: 1 });
  };

  const decided = (decision: Decision, exchange: Exchange, kind: 'real' | 'shadow'): void => {
    const { policy, allow, reason, fault } = decision;
    const said = wordFor(decision);
    for (const name of policy.split(' ')) count(name, said);
    if (kind === 'real' || allow) return;
    const { notes, id, message } = exchange;
    log.info(
      {
        event: 'policy_shadow',
        policy,
        client_id: notes.principal?.clientId ?? notes.principal?.id,
        server: notes.server,
        tool: notes.target,
        method: message.method,
        request_id: id,
        policy_reason: fault ?? reason,
      },
      fault === undefined ? 'would have been denied' : 'could not be decided, and would have been denied',
    );
  };

  const asking = { policies, instance, now: Date.now };
  return {
    judge: judge({ ...asking, decided }),
    quiet: judge({ ...asking, decided: () => undefined }),
    shown: shownEntries(asking),
    concerned$: keeping.concerned$,
    counts: () => counted.values(),
    changes$: keeping.changes$,
    health: () => keeping.health(),
    answered: () => keeping.answered(),
    close: () => keeping.close(),
  };
};

const wordFor = ({ allow, fault, hidden }: Decision): string => {
  if (fault !== undefined) return 'failed';
  if (hidden === true) return 'hidden';
  return allow ? 'allow' : 'deny';
};
