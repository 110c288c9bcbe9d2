import type { Settings } from '../config/settings.js';
import type { EndpointOptions } from '../sources/http/namespaceOf.js';

/** The paths that are served, by the settings. */
export const endpointOf = ({ listen: { path }, namespaces }: Settings): EndpointOptions => {
  const names = new Set(namespaces.map(({ name }) => name));
  return { path, hasNamespace: (name) => names.has(name) };
};
