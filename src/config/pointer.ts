/** JSON Pointer (RFC 6901) → the keys it names, from the root. */
export const pointerKeys = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));

/** A pointer to a child of what `parent` points to. */
export const childPointer = (parent: string, key: string | number): string =>
  `${parent}/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`;

/** A pointer as people write paths: `servers.orders.urls[1]`; keys that are no plain words are quoted. */
export const dotted = (pointer: string): string =>
  pointerKeys(pointer).reduce((path, key) => {
    if (/^[0-9]+$/.test(key)) return `${path}[${key}]`;
    if (!/^[A-Za-z0-9_/-]+$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
    return path === '' ? key : `${path}.${key}`;
  }, '');
