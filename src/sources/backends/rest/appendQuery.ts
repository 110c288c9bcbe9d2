import type { QueryStyle } from './restTool.js';
import { scalar } from './scalar.js';

const separators = { comma: ',', space: '%20', pipe: '|' } as const;

/**
 * Adds one argument to a query string.
 *
 * A list repeats the key (`tag=a&tag=b`) unless its style joins it; an object is JSON unless its style spreads it (`a=1&b=2`) or
 * names its keys (`filter[a]=1`). `null` and `undefined` add nothing.
 *
 * @param query what is there already, without `?`
 * @returns the longer query, still without `?`
 */
export const appendQuery = (query: string, name: string, value: unknown, style: QueryStyle): string => {
  if (value === undefined || value === null) return query;
  if (Array.isArray(value)) return appendList(query, name, value, style);
  if (typeof value !== 'object') return join(query, encode(name), encode(scalar(value)));
  if (style !== 'deep' && style !== 'spread') return join(query, encode(name), encode(scalar(value)));
  let longer = query;
  for (const [key, item] of Object.entries(value))
    longer = appendQuery(longer, style === 'deep' ? `${name}[${key}]` : key, item, 'repeat');
  return longer;
};

const appendList = (query: string, name: string, items: readonly unknown[], style: QueryStyle): string => {
  if (style === 'comma' || style === 'space' || style === 'pipe')
    return join(query, encode(name), items.map((item) => encode(scalar(item))).join(separators[style]));
  let longer = query;
  for (const item of items) longer = join(longer, encode(name), encode(scalar(item)));
  return longer;
};

const join = (query: string, name: string, value: string): string =>
  query === '' ? `${name}=${value}` : `${query}&${name}=${value}`;

const plain = /^[\w.~-]*$/;
const loneSurrogates = /\p{Surrogate}/gu;

const encode = (text: string): string =>
  // Half of a surrogate pair has no encoding and would throw; it becomes U+FFFD, as in a URL standard's query.
  plain.test(text) ? text : encodeURIComponent(text.replace(loneSurrogates, '\uFFFD'));
