import { isObject } from './jsonrpc.js';

/** Where two values differ. */
export interface Difference {
  /** JSON pointer (RFC 6901). */
  readonly at: string;
  /** Undefined where there is nothing. */
  readonly expected: unknown;
  readonly actual: unknown;
}

/** More are not looked for. */
const most = 20;

/** Where two values differ, as deep as it can be said; none for equal ones. The order of members says nothing. */
export const differences = (expected: unknown, actual: unknown): readonly Difference[] => {
  const found: Difference[] = [];
  collect(expected, actual, '', found);
  return found;
};

const collect = (expected: unknown, actual: unknown, at: string, found: Difference[]): void => {
  if (found.length >= most) return;
  if (isObject(expected) && isObject(actual)) {
    for (const key of new Set([...Object.keys(expected), ...Object.keys(actual)]))
      collect(own(expected, key), own(actual, key), `${at}/${escaped(key)}`, found);
  } else if (Array.isArray(expected) && Array.isArray(actual)) {
    for (let index = 0; index < Math.max(expected.length, actual.length); index++)
      collect(expected[index], actual[index], `${at}/${index}`, found);
  } else if (!Object.is(expected, actual)) found.push({ at, expected, actual });
};

const own = (value: Readonly<Record<string, unknown>>, key: string): unknown =>
  Object.hasOwn(value, key) ? value[key] : undefined;

const escaped = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');
