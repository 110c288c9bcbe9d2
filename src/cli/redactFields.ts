/**
 * The log's second line of defence: nothing secret should reach it, and what does by its name is blotted out.
 */
const secretNames = new Set([
  'authorization',
  'proxy-authorization',
  'cookie',
  'set-cookie',
  'password',
  'passwd',
  'secret',
  'client_secret',
  'clientsecret',
  'token',
  'access_token',
  'accesstoken',
  'refresh_token',
  'refreshtoken',
  'id_token',
  'api_key',
  'apikey',
  'api-key',
  'x-api-key',
  'private_key',
  'privatekey',
  'mcp-session-id',
]);

const blot = '[redacted]';
/** Deeper than this nothing is logged: fields are facts, not documents. */
const maxDepth = 5;

type Fields = Record<string, unknown>;

/** An error as fields: what it is, what it said, what lies behind it. */
const errorFields = (error: Error & { readonly code?: unknown }, depth: number): Fields => ({
  name: error.name,
  ...(error.code === undefined ? {} : { code: error.code }),
  message: error.message,
  ...(error.cause === undefined ? {} : { cause: redactValue(error.cause, depth + 1) }),
  stack: error.stack,
});

const redactValue = (value: unknown, depth: number): unknown => {
  if (typeof value !== 'object' || value === null) return value;
  if (depth > maxDepth) return '[…]';
  if (value instanceof Error) return errorFields(value, depth);
  if (Array.isArray(value)) return value.map((item) => redactValue(item, depth + 1));
  if (!isPlain(value)) return value;
  return redactObject(value as Fields, depth + 1);
};

const isPlain = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};

const redactObject = (fields: Fields, depth: number): Fields => {
  let copy: Fields | undefined;
  for (const key in fields) {
    const value = fields[key];
    const shown = secretNames.has(key.toLowerCase()) ? blot : redactValue(value, depth);
    if (shown === value) continue;
    // Most lines carry no secret and no error: they are not copied.
    copy ??= { ...fields };
    copy[key] = shown;
  }
  return copy ?? fields;
};

/** The fields of a log line with secrets blotted out by their names, at any depth, and errors made readable. */
export const redactFields = (fields: Fields): Fields => redactObject(fields, 1);
