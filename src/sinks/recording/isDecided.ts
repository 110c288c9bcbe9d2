import { routedMethods } from '../../protocol/methods.js';
import { taskMethods } from '../../protocol/tasks.js';
import type { Exchange } from '../../streams/exchange.js';

const routed: ReadonlySet<string> = new Set([...routedMethods, ...taskMethods]);

/** Whether all that decides over a call has had its say: what a policy wants masked is known then. */
export const isDecided = ({ message, notes }: Exchange): boolean =>
  !routed.has(message.method) ||
  notes.outcome !== undefined ||
  notes.decision !== undefined ||
  notes.instance !== undefined;
