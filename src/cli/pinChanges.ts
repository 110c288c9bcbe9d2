import type { Params } from '../protocol/jsonrpc.js';
import { definitionDigest } from '../protocol/integrity/definitionDigest.js';
import type { PinnedDefinition, PinnedKind } from '../protocol/integrity/pinnedDefinitions.js';
import { pinKey, type Pin, type Pins, type ServerPins } from '../protocol/integrity/pins.js';

/** What servers offer, by server; those that did not answer are missing. */
export type Offered = ReadonlyMap<string, readonly PinnedDefinition[]>;

/** A definition that is not as it was approved. */
export interface PinChange {
  readonly server: string;
  readonly kind: PinnedKind;
  readonly name: string;
  readonly what: 'changed' | 'new' | 'gone';
  /** As it was approved; undefined for a new one. */
  readonly before: Params | undefined;
  /** As it is; undefined for one that is gone. */
  readonly now: Params | undefined;
}

/** What differs between pins and what servers offer. Servers that did not answer are left out. */
export const pinChanges = (pins: Pins, offered: Offered): readonly PinChange[] =>
  [...offered].flatMap(([server, definitions]) => {
    const ofServer: ServerPins = pins.get(server) ?? new Map<string, Pin>();
    const here = new Set(definitions.map(({ kind, name }) => pinKey(kind, name)));
    const differing = definitions.flatMap(({ kind, name, definition }): PinChange[] => {
      const pin = ofServer.get(pinKey(kind, name));
      if (pin?.digest === definitionDigest(definition)) return [];
      const what = pin === undefined ? 'new' : 'changed';
      return [{ server, kind, name, what, before: pin?.definition, now: definition }];
    });
    const gone = [...ofServer]
      .filter(([key]) => !here.has(key))
      .map(([key, { definition }]): PinChange => {
        const at = key.indexOf(' ');
        const kind = key.slice(0, at) as PinnedKind;
        return { server, kind, name: key.slice(at + 1), what: 'gone', before: definition, now: undefined };
      });
    return [...differing, ...gone];
  });
