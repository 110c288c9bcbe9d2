import type { AdminKeySettings } from '../../config/adminSettings.js';
import type { Person } from './person.js';

/** Whoever has a key. Another key, role or tenant is another `by`. */
export const personWith = ({ name, role, tenant, digest }: AdminKeySettings): Person => ({
  user: name,
  role,
  ...(tenant !== undefined && { tenant }),
  method: 'key',
  by: JSON.stringify(['key', name, Buffer.from(digest.reveal()).toString('base64'), role, tenant]),
});
