import type { Instance } from '../serverState.js';

/**
 * Whether an instance is known not to serve: by its pings; where none are sent, by its calls, from the opening of its breaker, or from
 * some calls in a row that did not reach it, until one succeeds. One that is merely too slow is not down.
 */
export const isDown = ({ standing, reach }: Instance): boolean => {
  if (standing === undefined) return reach?.isLost === true;
  const { health, breaker, failures } = standing.view;
  if (health.status !== 'unknown') return health.status === 'unhealthy';
  return reach?.isLost === true || (breaker !== 'closed' && failures > 0);
};
