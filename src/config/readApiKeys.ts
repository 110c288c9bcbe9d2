import { Type, type Static } from '@sinclair/typebox';
import { Ajv } from 'ajv';
import { parseDocument } from 'yaml';
import { isKeyHash } from '../protocol/identity/apiKey.js';
import { limits } from './limits.js';

const closed = { additionalProperties: false } as const;
const words = Type.Array(Type.String({ minLength: 1 }));

/** One entry of the file. */
const entry = Type.Object(
  {
    id: Type.String({ pattern: '^[A-Za-z0-9]{12}$' }),
    hash: Type.String({ minLength: 1 }),
    user: Type.String({ minLength: 1, maxLength: 512 }),
    client: Type.Optional(Type.String({ minLength: 1, maxLength: 512 })),
    tenant: Type.Optional(Type.String({ minLength: 1, maxLength: 512 })),
    scopes: Type.Optional(words),
    roles: Type.Optional(words),
    namespaces: Type.Optional(words),
    servers: Type.Optional(words),
    tools: Type.Optional(words),
    created: Type.Optional(Type.String()),
    expires: Type.Optional(Type.String()),
  },
  closed,
);

const keysFile = Type.Object({ keys: Type.Array(entry, { maxItems: limits.maxApiKeys }) }, closed);
type KeysFile = Static<typeof keysFile>;

/** An entry of the file as it is written. */
export type RawApiKey = KeysFile['keys'][number];

let check: ((value: unknown) => value is KeysFile) | undefined;

/**
 * The keys in a file's text.
 *
 * @returns what is wrong with it instead, as a text that shows nothing of what is written there
 */
export const readApiKeys = (text: string): readonly RawApiKey[] | string => {
  const document = parseDocument(text, { schema: 'core' });
  const [error] = document.errors;
  if (error !== undefined) return `line ${error.linePos?.[0].line ?? 1} is no YAML`;
  const value: unknown = document.toJS({ maxAliasCount: 0 }) ?? { keys: [] };
  check ??= new Ajv().compile<KeysFile>(keysFile) as (value: unknown) => value is KeysFile;
  if (!check(value)) return 'it is not as `sluice keys` writes it';
  const ids = new Set<string>();
  for (const [index, { id, hash, expires }] of value.keys.entries()) {
    if (ids.has(id)) return `key ${index + 1} has the id of another one`;
    ids.add(id);
    if (!isKeyHash(hash)) return `the hash of key ${index + 1} is none of \`sluice keys\``;
    // A date that can't be read must not become a key that never expires.
    if (expires !== undefined && Number.isNaN(Date.parse(expires)))
      return `\`expires\` of key ${index + 1} is no date such as 2027-01-31T12:00:00Z`;
  }
  return value.keys;
};
