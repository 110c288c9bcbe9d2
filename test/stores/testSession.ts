import { sessionId, type Session } from '../../src/streams/sessions.js';

/** A new session of somebody. */
export const testSession = (parts: Partial<Session> = {}): Session => ({
  id: sessionId(),
  principalId: 'ann',
  namespace: undefined,
  version: '2025-11-25',
  batches: false,
  clientInfo: { name: 'client', version: '1' },
  capabilities: { roots: {} },
  logLevel: 'info',
  home: 'here',
  createdAt: 1,
  ...parts,
});
