import type { Me } from './contract.js';
import { me } from './me.js';
import { request } from './request.js';

/** Exchanges a key for a cookie, and says who one is then. Rejects with an `ApiError`. */
export const signIn = async (key: string): Promise<void> => {
  await request('/sign-in', { method: 'POST', body: { key } });
  me.value = await request<Me>('/me');
};
