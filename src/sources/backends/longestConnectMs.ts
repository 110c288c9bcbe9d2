import { limits } from '../../config/limits.js';
import type { ServerSettings } from '../../config/settings.js';

/** How long opening a connection to a server may take, in milliseconds: the longest that the server or one of its tools allows. */
export const longestConnectMs = ({ times, toolRules = {} }: ServerSettings): number =>
  Math.max(
    times?.connectMs ?? limits.connectMs,
    ...Object.values(toolRules).map((rule) => rule.times?.connectMs ?? 0),
  );
