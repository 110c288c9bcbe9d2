import type { Act, Acts } from './acts.js';
import type { TestClient } from './testClient.js';

/**
 * Calls that are open at their backends and should not be.
 *
 * A call of the 2026 era that has asked for input waits for the retry, also of a client that hung up just when it was told: it may
 * come back on another connection until its state expires.
 */
export const openActs = (acts: Acts, clients: readonly TestClient[]): readonly Act[] =>
  acts.open.filter((act) => !(isParked(act) && isForsaken(act, clients)));

const isParked = ({ asking, at, script }: Act): boolean => asking && at <= script.steps.length;

const isForsaken = ({ script: { nonce } }: Act, clients: readonly TestClient[]): boolean =>
  clients.some(({ calls }) =>
    calls.some(
      ({ script, wire, sent, modern }) => modern && script.nonce === nonce && (wire.left || sent.excused),
    ),
  );
