import { askAll } from './askAll.js';
import { undecided, type Decision } from './decision.js';
import type { Authenticated, Exchange, InSession, Resolved } from './exchange.js';
import { followed } from './followed.js';
import type { Policies } from './policies.js';
import { askerOf, policyInput, type Subject } from './policyInput.js';
import { prompted } from './prompted.js';
import { subjectOf } from './policySubject.js';
import type { ServerState } from './serverState.js';
import type { Prompt } from './sessions.js';

/** Asks the policies of the moment. */
export interface Judge {
  /** About a call of a tool, a prompt, a resource, a completion. */
  call(exchange: Exchange & Authenticated & InSession & Resolved): Prompt<Decision>;
  /** About watching a resource of a server. */
  watch(exchange: Exchange & Authenticated & InSession, server: ServerState, uri: string): Prompt<Decision>;
}

export interface JudgeOptions {
  /** Read at the moment somebody asks. */
  readonly policies: () => Policies;
  /** The id of this instance of the gateway; empty for one that is alone. */
  readonly instance: string;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Told of each decision over a call, and of what the policy that is only tried out says of it. */
  readonly decided: (decision: Decision, exchange: Exchange, kind: 'real' | 'shadow') => void;
}

/** What lists are called in which a thing is shown. */
const listOf: Readonly<Record<string, string>> = {
  'tools/call': 'tools/list',
  'prompts/get': 'prompts/list',
  'resources/read': 'resources/list',
  'resources/subscribe': 'resources/list',
};

const listOfCompleted = ({ prompt }: Subject): string =>
  prompt === undefined ? 'resources/templates/list' : 'prompts/list';

/**
 * Asks the policies over calls. A call that is denied is hidden too if its caller would not see the thing in a list: what it may not
 * have is not there for it.
 */
export const judge = ({ policies, instance, now, decided }: JudgeOptions): Judge => {
  const ask = (
    exchange: Exchange & Authenticated & InSession,
    server: ServerState,
    method: string,
    subject: Subject,
  ): Prompt<Decision> => {
    const { over, shadow, lists } = policies();
    const applying = over(server.settings, subject.tool?.own);
    if (applying.length === 0 && shadow === undefined) return undecided;
    const asker = askerOf(exchange, instance);
    const input = policyInput(asker, method, server, subject, now());
    if (shadow !== undefined)
      // Nobody waits for it; it ends by itself, within the time of an answer.
      prompted(shadow.decide(input)).subscribe((said) => decided(said, exchange, 'shadow'));
    if (applying.length === 0) return undecided;
    const told = (decision: Decision): Decision => {
      decided(decision, exchange, 'real');
      return decision;
    };
    return followed(askAll(applying, input), (decision) => {
      const list = method === 'completion/complete' ? listOfCompleted(subject) : listOf[method];
      if (decision.allow || decision.fault !== undefined || !lists || list === undefined)
        return told(decision);
      const { arguments: _arguments, ...thing } = subject;
      const inList = askAll(applying, policyInput(asker, list, server, thing, now()));
      return followed(inList, (seen) =>
        told(seen.allow || seen.fault !== undefined ? decision : { ...decision, hidden: true }),
      );
    });
  };
  return {
    call: (exchange) => ask(exchange, exchange.target.server, exchange.message.method, subjectOf(exchange)),
    watch: (exchange, server, uri) => ask(exchange, server, 'resources/subscribe', { resource: { uri } }),
  };
};
