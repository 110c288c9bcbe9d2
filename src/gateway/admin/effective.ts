import { Secret } from '../../config/secret.js';
import type { Settings } from '../../config/settings.js';
import { plainSegment } from '../../protocol/redaction/plainSegment.js';
import { secretName } from '../../protocol/redaction/secretName.js';
import { secretSpans } from '../../protocol/redaction/secretSpans.js';

const hidden = '***';

type MapKind = 'secret' | 'labels' | 'plain';

/** Maps whose keys are somebody's names, which stay as they are, and what is shown of their values: none, those that let nobody in, all. */
const maps: Readonly<Record<string, MapKind>> = {
  headers: 'secret',
  env: 'secret',
  query: 'secret',
  resource: 'labels',
  inputSchema: 'plain',
  outputSchema: 'plain',
  annotations: 'plain',
  toolRules: 'plain',
  discovered: 'plain',
  impliedScopes: 'plain',
};

/** Whatever is called so is not shown: one name too many does no harm. */
const secretKey =
  /secret|password|token(?!Endpoint|s$)|privateKey|credential|^key$|^keys$|^hash$|^digest$|^apiKeys$|^args$/i;

/** The configuration as it is in force, in the words of the file as far as it goes, without anything secret. */
export const effective = (settings: Settings): unknown => shown(settings);

const shown = (value: unknown): unknown => {
  if (value instanceof Secret) return hidden;
  if (typeof value === 'string') return withoutCredentials(value);
  if (Array.isArray(value)) return value.map(shown);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]: [string, unknown]) => {
      const map = maps[key];
      // Stands in every token, whoever it was given to, and is compared letter by letter.
      if (key === 'issuer' && typeof item === 'string') return [key, item];
      if (secretKey.test(key) && item !== undefined) return [snake(key), hidden];
      if (map !== undefined && typeof item === 'object' && item !== null)
        return [snake(key), mapped(item, map)];
      return [snake(key), shown(item)];
    }),
  );
};

const mapped = (map: object, kind: MapKind): unknown =>
  Object.fromEntries(
    Object.entries(map).map(([key, item]: [string, unknown]) => [
      key,
      kind === 'secret' || (kind === 'labels' && isSecretLabel(key, String(item))) ? hidden : shown(item),
    ]),
  );

const isSecretLabel = (key: string, text: string): boolean =>
  secretName(key) !== undefined ||
  secretSpans(text).length > 0 ||
  (!text.includes('://') && masked(text, 'path') !== text);

const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** What stands in the path and the query of an address, and in front of a host, may let somebody in there. */
const withoutCredentials = (text: string): string => {
  if (text.startsWith('/')) {
    const [path = '', ...query] = text.split('?');
    return [masked(path, 'path'), ...query].join('?').replace(/([?&][^=&]*=)[^&]*/g, `$1${hidden}`);
  }
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) return text;
  const url = new URL(text);
  const path = masked(url.pathname, 'address');
  if (path === url.pathname && url.search === '' && url.username === '' && url.password === '') return text;
  url.pathname = path;
  for (const name of [...url.searchParams.keys()]) url.searchParams.set(name, hidden);
  url.username = url.username === '' ? '' : hidden;
  url.password = url.password === '' ? '' : hidden;
  return url.href;
};

/** What is no word and as long as this is hidden wherever it stands; behind the first segment of an address whatever is no word. */
const opaqueLength = 16;

const masked = (path: string, kind: 'address' | 'path'): string =>
  path
    .split('/')
    .map((segment, at) =>
      (segment.length >= opaqueLength || (kind === 'address' && at > 1)) && !plainSegment(unescaped(segment))
        ? hidden
        : segment,
    )
    .join('/');

const unescaped = (segment: string): string => {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment; // a lone `%`
  }
};
