import { isObject } from '../../../../protocol/jsonrpc.js';
import { LeftOut } from './leftOut.js';
import { resolveRef, type OpenApiDocument } from './resolveRef.js';

const maxHops = 16;

/**
 * An object, or the object its `$ref` leads to: for parameters, bodies, responses and path items.
 *
 * @throws LeftOut for what is no object, and for a chain of references that is a circle or too long
 */
export const dereferenced = (
  document: OpenApiDocument,
  value: unknown,
): Readonly<Record<string, unknown>> => {
  let current = value;
  for (let hops = 0; hops < maxHops; hops++) {
    if (!isObject(current)) throw new LeftOut('it has a part that is not an object');
    if (current['$ref'] === undefined) return current;
    current = resolveRef(document, current['$ref']);
  }
  throw new LeftOut('it has references that go in a circle');
};
