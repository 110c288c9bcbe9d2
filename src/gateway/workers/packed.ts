import { Secret } from '../../config/secret.js';
import type { Settings } from '../../config/settings.js';

/** Settings on their way to another process: what is copied there has no secrets left in it unless they are taken along by hand. */
export const packed = {
  pack: (settings: object): unknown => each(settings, (value) => value instanceof Secret, open),
  unpack: (value: unknown): Settings => each(value, isOpened, close) as Settings,
} as const;

interface Opened {
  readonly [mark]: Uint8Array;
}

/** No key of a configuration begins like that. */
const mark = '\u0000secret';

const open = (value: unknown): Opened => ({ [mark]: (value as Secret).reveal() });
const isOpened = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, mark);
const close = (value: unknown): Secret => new Secret((value as Opened)[mark]);

/** A copy of plain data with some values exchanged. */
const each = (
  value: unknown,
  isMeant: (value: unknown) => boolean,
  exchange: (value: unknown) => unknown,
): unknown => {
  if (isMeant(value)) return exchange(value);
  if (Array.isArray(value)) return value.map((item: unknown) => each(item, isMeant, exchange));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, each(item, isMeant, exchange)]));
};
