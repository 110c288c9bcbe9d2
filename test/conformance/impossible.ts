import type { Era } from '../fixtures/everythingServer/startEverythingServer.js';
import { revisions, type Revision } from './requirements.js';

/** A check that no gateway can pass with what stands behind it. */
export interface Impossible {
  /** `scenario:check`, as the suite names them. */
  readonly entry: string;
  /** What exactly the suite must find: another failure of the same check is a failure. */
  readonly finding: RegExp;
  /** Why the protocol leaves no way. */
  readonly reason: string;
}

const legacyBehindModern: readonly Impossible[] = [
  {
    entry: 'server-stateless:sep-2575-server-rejects-undeclared-capability',
    finding:
      /executed 'test_missing_capability' although the client did not declare the 'sampling' capability/,
    reason:
      'A server up to 2025-11-25 learns what a client can do when its session opens, and does not ask for more; that it would have ' +
      'needed more it can say in words only (the error -32021 came with 2026-07-28). To declare what the client has not, so as to ' +
      'see the server ask, would be to lie to it.',
  },
  {
    entry: 'server-stateless:sep-2575-missing-capability-http-400',
    finding: /^Not testable: server did not return MissingRequiredClientCapabilityError/,
    reason: 'The HTTP status of the error above.',
  },
  {
    entry: 'input-required-result-basic-elicitation:sep-2322-elicitation-incomplete',
    finding: /^inputRequests missing expected key "user_name"$/,
    reason:
      'The scenario wants the key that its server has chosen. A server up to 2025-11-25 asks by a request, which has an id and no ' +
      'such key; the gateway makes one up. All else of the scenario holds: see test/e2e/bridge.test.ts.',
  },
];

/** What can not pass with a server of this era behind the gateway, for clients of a revision. Empty wherever both can be spoken. */
export const impossible = (backend: Era, revision: Revision): readonly Impossible[] =>
  backend === 'legacy' && revision === revisions.modern ? legacyBehindModern : [];
