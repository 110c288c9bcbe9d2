import { newApiKey } from '../protocol/identity/apiKey.js';
import { keyLimits, type KeyLimits } from './keyLimits.js';
import { keysFile } from './keysFile.js';
import type { Terminal } from './terminal.js';

export interface CreateKeyFlags extends KeyLimits {
  readonly config: string;
  readonly user: string;
  readonly client?: string;
  readonly scope?: readonly string[];
  readonly role?: readonly string[];
  /** ISO 8601. */
  readonly expires?: string;
}

/**
 * Makes a key: its hash goes to the file, the key itself to stdout, and nowhere else.
 *
 * @throws CliError where it would be for what there is not
 */
export const createKey = async (flags: CreateKeyFlags, terminal: Terminal): Promise<void> => {
  const file = keysFile(flags.config, terminal);
  const slips = keyLimits(flags, file.settings);
  const { key, hashed } = newApiKey();
  const { user, client, tenant, scope, role, namespace, server, tool, expires } = flags;
  const given = {
    client,
    tenant,
    scopes: scope,
    roles: role,
    namespaces: namespace,
    servers: server,
    tools: tool,
    expires,
  };
  const entry = {
    ...hashed,
    user,
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
    created: new Date().toISOString(),
  };
  await file.change((document) => {
    // An empty list may be written in one line; with entries it reads better in several.
    if (file.keys.length === 0) document.set('keys', document.createNode([]));
    document.addIn(['keys'], document.createNode(entry));
  });
  terminal.stdout.write(`${key}\n`);
  terminal.stderr.write(`Its hash is in ${file.name} as ${hashed.id}; the key is not shown again.\n`);
  for (const slip of slips) terminal.stderr.write(`warning: ${slip}\n`);
};
