import { fileURLToPath } from 'node:url';

/** Files of the realms that the suites use: the one whose tokens are for the gateway, and another one. */
export const realms: readonly string[] = ['realm.json', 'otherRealm.json'].map((file) =>
  fileURLToPath(new URL(file, import.meta.url)),
);
