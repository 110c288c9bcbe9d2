import type { Settings } from '../config/settings.js';
import type { FromHttpOptions } from '../sources/http/fromHttp.js';
import type { ByteBudget } from '../streams/byteBudget.js';
import { endpointOf } from './endpointOf.js';
import { guardOf } from './guardOf.js';

/** What the HTTP source needs of the settings. */
export const httpOptions = (current: Settings, bodies: ByteBudget): FromHttpOptions => ({
  ...current.http,
  ...guardOf(current),
  bodies,
  ...guardOf(current),
  ...endpointOf(current),
});
