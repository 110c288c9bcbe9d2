import { isRecord } from './isRecord.js';
import type { Schema } from './schema.js';

const mostHops = 8;

/** A schema with its `$ref` into the same document followed; one that leads nowhere, or in circles, allows anything. */
export const resolve = (schema: unknown, root: Schema): Schema => {
  let current = schema;
  for (let hop = 0; hop < mostHops; hop += 1) {
    if (!isRecord(current)) return {};
    const ref = current['$ref'];
    if (typeof ref !== 'string') return current;
    if (!ref.startsWith('#')) return {};
    let target: unknown = root;
    for (const part of ref.slice(1).split('/').filter(Boolean)) {
      const key = decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~');
      target = isRecord(target) ? target[key] : undefined;
    }
    current = target;
  }
  return {};
};
