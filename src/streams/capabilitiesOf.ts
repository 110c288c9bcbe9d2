import type { Capabilities } from '../protocol/mcp.js';
import type { Exchange, InSession } from './exchange.js';

/** What the client of an exchange can do, as it declared: with the message itself, or when its session was opened. */
export const capabilitiesOf = ({ origin, message, session }: Exchange & InSession): Capabilities =>
  origin.revision.capabilities(message) ?? session?.capabilities ?? none;

const none: Capabilities = Object.freeze({});
