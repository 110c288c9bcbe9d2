import { modernVersions } from '../protocol/revisions/modern.js';
import type { Handler } from '../operators/handle.js';
import { result } from '../streams/reply.js';
import type { SelfDescription } from './selfDescription.js';

/**
 * `server/discover` (2026-07-28). Names the modern revisions only: a client that saw older ones here might send them in a
 * modern envelope, which no revision allows.
 */
export const discover =
  (self: SelfDescription): Handler =>
  (exchange) =>
    result({ supportedVersions: [...modernVersions], ...self(exchange) });
