import { isObject, type Params } from '../jsonrpc.js';
import type { PinnedKind } from './pinnedDefinitions.js';

/** A definition that somebody has approved. */
export interface Pin {
  readonly digest: string;
  /** What was approved, to show what has changed. The digest decides. */
  readonly definition: Params;
}

/** The pins of one server, by {@link pinKey}. */
export type ServerPins = ReadonlyMap<string, Pin>;
/** By server. */
export type Pins = ReadonlyMap<string, ServerPins>;

/** The key of a pin: kind and name. */
export const pinKey = (kind: PinnedKind, name: string): string => `${kind} ${name}`;

const version = 1;
const digestForm = /^sha256:[0-9a-f]{64}$/;

/** Reads a file of pins. Throws a `SyntaxError` for what is none: half a list of what is approved would be worse than none. */
export const readPins = (text: string): Pins => {
  const file: unknown = JSON.parse(text);
  if (!isObject(file) || file['version'] !== version || !isObject(file['servers']))
    throw new SyntaxError(`It is no file of pins of version ${version}`);
  return new Map(
    Object.entries(file['servers']).map(([server, kinds]) => [
      server,
      new Map(
        entries(kinds).flatMap(([kind, pins]) =>
          entries(pins).map(([name, pin]): [string, Pin] => [pinKey(kind as PinnedKind, name), pinOf(pin)]),
        ),
      ),
    ]),
  );
};

const entries = (value: unknown): [string, unknown][] => {
  if (!isObject(value)) throw new SyntaxError('A list of pins is no object');
  return Object.entries(value);
};

const pinOf = (value: unknown): Pin => {
  const { digest, definition } = isObject(value) ? value : {};
  if (typeof digest !== 'string' || !digestForm.test(digest)) throw new SyntaxError('A pin has no digest');
  return { digest, definition: isObject(definition) ? definition : {} };
};

/** Pins as a file, sorted, so that two versions can be compared by line. */
export const writePins = (pins: Pins): string => {
  const servers = sorted(pins).map(([server, ofServer]) => {
    const kinds = new Map<string, [string, Pin][]>();
    for (const [key, pin] of sorted(ofServer)) {
      const at = key.indexOf(' ');
      const kind = key.slice(0, at);
      kinds.set(kind, [...(kinds.get(kind) ?? []), [key.slice(at + 1), pin]]);
    }
    return [server, Object.fromEntries([...kinds].map(([kind, all]) => [kind, Object.fromEntries(all)]))];
  });
  return `${JSON.stringify({ version, servers: Object.fromEntries(servers) as unknown }, undefined, 2)}\n`;
};

const sorted = <V>(map: ReadonlyMap<string, V>): [string, V][] =>
  [...map].sort(([a], [b]) => (a < b ? -1 : 1));
