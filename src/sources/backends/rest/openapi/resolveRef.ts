import { LeftOut } from './leftOut.js';

/** A parsed OpenAPI document. */
export type OpenApiDocument = Readonly<Record<string, unknown>>;

/**
 * What a `$ref` points to, within the document. Nothing outside is ever read: whoever writes a document must not be able to make
 * the gateway open files or connections.
 *
 * @param ref a JSON pointer as a URI fragment: `#/components/schemas/Pet`
 * @throws LeftOut for a reference to another document and for one that leads nowhere
 */
export const resolveRef = (document: OpenApiDocument, ref: unknown): unknown => {
  if (typeof ref !== 'string') throw new LeftOut('it has a $ref that is no text');
  const shown = ref.slice(0, 120);
  if (!ref.startsWith('#'))
    throw new LeftOut(`it refers to another document ("${shown}"), and such references are not followed`);
  if (!ref.startsWith('#/')) throw new LeftOut(`its reference "${shown}" leads nowhere`);
  let value: unknown = document;
  for (const step of ref.split('/').slice(1)) {
    const key = unescape(step);
    // Own members only: `#/constructor` must not lead out of the document.
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key))
      throw new LeftOut(`its reference "${shown}" leads nowhere`);
    value = (value as Readonly<Record<string, unknown>>)[key];
  }
  return value;
};

const unescape = (step: string): string => {
  try {
    return decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~');
  } catch {
    return step; // a lone percent sign: taken as it stands
  }
};
