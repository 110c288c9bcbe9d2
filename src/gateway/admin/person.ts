import type { AdminRole } from '../../config/adminSettings.js';

/** Somebody who has signed in to look after the gateway. */
export interface Person {
  readonly user: string;
  /** Sees this tenant's, and nothing else; undefined for who sees all. */
  readonly tenant?: string;
  readonly role: AdminRole;
  readonly method: 'key' | 'oidc';
  /** What it signed in by: it is somebody for as long as the configuration knows that. */
  readonly by: string;
}
