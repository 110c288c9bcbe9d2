import { Secret } from '../../config/secret.js';
import type { Settings } from '../../config/settings.js';

const hidden = '***';

/** Maps whose keys are somebody's names, which stay as they are; of those marked `secret` no value is shown. */
const maps: Readonly<Record<string, 'plain' | 'secret'>> = {
  headers: 'secret',
  env: 'secret',
  query: 'secret',
  inputSchema: 'plain',
  outputSchema: 'plain',
  annotations: 'plain',
  toolRules: 'plain',
  discovered: 'plain',
  impliedScopes: 'plain',
};

/** Whatever is called so is not shown: one name too many does no harm. */
const secretName =
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
      if (secretName.test(key) && item !== undefined) return [snake(key), hidden];
      if (map !== undefined && typeof item === 'object' && item !== null)
        return [snake(key), mapped(item, map)];
      return [snake(key), shown(item)];
    }),
  );
};

const mapped = (map: object, kind: 'plain' | 'secret'): unknown =>
  Object.fromEntries(
    Object.entries(map).map(([key, item]: [string, unknown]) => [
      key,
      kind === 'secret' ? hidden : shown(item),
    ]),
  );

const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** What stands in the query of an address or a path, and in front of a host, may let somebody in there. */
const withoutCredentials = (text: string): string => {
  if (text.startsWith('/')) return text.replace(/([?&][^=&]*=)[^&]*/g, `$1${hidden}`);
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) return text;
  const url = new URL(text);
  if (url.search === '' && url.username === '' && url.password === '') return text;
  for (const name of [...url.searchParams.keys()]) url.searchParams.set(name, hidden);
  url.username = url.username === '' ? '' : hidden;
  url.password = url.password === '' ? '' : hidden;
  return url.href;
};
