/** The views in the order of the navigation: where, what it is called, and the key that goes there after `g`. */
export const views = [
  { path: 'overview', name: 'Overview', key: 'o' },
  { path: 'servers', name: 'Servers', key: 's' },
  { path: 'pipeline', name: 'Pipeline', key: 'p' },
  { path: 'tools', name: 'Tools', key: 't' },
  { path: 'calls', name: 'Calls', key: 'c' },
  { path: 'sessions', name: 'Sessions', key: 'e' },
  { path: 'tenants', name: 'Tenants', key: 'n' },
  { path: 'policies', name: 'Policies', key: 'y' },
  { path: 'configuration', name: 'Configuration', key: 'f' },
] as const;
