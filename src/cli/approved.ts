import { definitionDigest } from '../protocol/integrity/definitionDigest.js';
import { pinKey, type Pin, type Pins } from '../protocol/integrity/pins.js';
import type { Offered, PinChange } from './pinChanges.js';

/** The pins with some changes approved; what is gone is taken out. Servers that answered have an entry, be it empty. */
export const approved = (before: Pins, offered: Offered, changes: readonly PinChange[]): Pins => {
  const pins = new Map([...before].map(([server, ofServer]) => [server, new Map<string, Pin>(ofServer)]));
  for (const server of offered.keys()) if (!pins.has(server)) pins.set(server, new Map());
  for (const { server, kind, name, now } of changes) {
    const ofServer = pins.get(server);
    if (now === undefined) ofServer?.delete(pinKey(kind, name));
    else ofServer?.set(pinKey(kind, name), { digest: definitionDigest(now), definition: now });
  }
  return pins;
};
