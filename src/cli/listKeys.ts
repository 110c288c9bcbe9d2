import type { RawApiKey } from '../config/readApiKeys.js';
import { keysFile } from './keysFile.js';
import { printable } from './printable.js';
import { table } from './table.js';
import type { Terminal } from './terminal.js';

/** Lists keys by their ids; no hash is shown. */
export const listKeys = (
  { config, json }: { readonly config: string; readonly json?: boolean },
  terminal: Terminal,
): void => {
  const { keys, name } = keysFile(config, terminal);
  const { stdout, env } = terminal;
  if (json === true) {
    stdout.write(`${JSON.stringify(keys.map(({ hash: _hash, ...rest }) => rest))}\n`);
    return;
  }
  if (keys.length === 0) {
    stdout.write(`There are no keys in ${name}.\n`);
    return;
  }
  const rows = keys.map((key) =>
    [key.id, key.user, key.tenant ?? '-', ending(key), reach(key)].map((cell) => printable(cell, stdout)),
  );
  stdout.write(`${table(['ID', 'USER', 'TENANT', 'EXPIRES', 'FOR'], rows, stdout, env)}\n`);
};

const ending = ({ expires }: RawApiKey): string => {
  if (expires === undefined) return 'never';
  const day = new Date(expires).toISOString().slice(0, 10);
  return Date.parse(expires) <= Date.now() ? `${day} (over)` : day;
};

const reach = ({ namespaces, servers, tools }: RawApiKey): string =>
  [
    namespaces && `namespaces ${namespaces.join(', ')}`,
    servers && `servers ${servers.join(', ')}`,
    tools && `tools ${tools.join(', ')}`,
  ]
    .filter((part) => part !== undefined)
    .join('; ') || 'everything';
