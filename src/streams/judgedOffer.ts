import type { IntegritySettings } from '../config/integritySettings.js';
import { changedFields } from '../protocol/integrity/changedFields.js';
import { definitionDigest } from '../protocol/integrity/definitionDigest.js';
import { pinnedDefinitions, type PinnedDefinition } from '../protocol/integrity/pinnedDefinitions.js';
import { pinKey, type Pins, type ServerPins } from '../protocol/integrity/pins.js';
import { suspicions } from '../protocol/integrity/suspicions.js';
import type { HeldBack, Offer, Suspect } from './backend.js';

/** What is let through of an offer. */
export interface IntegrityRules extends Pick<IntegritySettings, 'newcomers' | 'suspicious'> {
  /** What is approved; undefined where nothing is pinned. */
  readonly pins: Pins | undefined;
}

/**
 * An offer without what nobody has approved, with what was left out and why. The same offer where there is nothing to say.
 *
 * What is left out is, for clients, as if the server did not have it: in no list, and not to be called.
 */
export const judgedOffer = (server: string, offer: Offer, rules: IntegrityRules): Offer => {
  const { pins, suspicious } = rules;
  const ofServer: ServerPins | undefined = pins && (pins.get(server) ?? none);
  const held: HeldBack[] = [];
  const suspects: Suspect[] = [];
  for (const pinned of pinnedDefinitions(offer)) {
    const found = suspicious === 'off' ? [] : suspicionsOf(pinned);
    suspects.push(...found);
    const why =
      faultOf(pinned, ofServer, rules) ??
      (suspicious === 'hold' && found.length > 0 ? ({ why: 'suspicious', fields: [] } as const) : undefined);
    if (why !== undefined) held.push({ kind: pinned.kind, name: pinned.name, ...why });
  }
  if (held.length === 0 && suspects.length === 0) return offer;
  const isHeld = new Set(held.map(({ kind, name }) => pinKey(kind, name)));
  const { instructions, ...lists } = offer;
  return {
    ...lists,
    ...(instructions !== undefined &&
      !isHeld.has(pinKey('instructions', 'instructions')) && { instructions }),
    tools: offer.tools.filter(({ name }) => !isHeld.has(pinKey('tools', name))),
    prompts: offer.prompts.filter(({ name }) => !isHeld.has(pinKey('prompts', name))),
    resourceTemplates: offer.resourceTemplates.filter(
      ({ uriTemplate }) => !isHeld.has(pinKey('resourceTemplates', uriTemplate)),
    ),
    warnings: [...offer.warnings, ...held.map(told), ...suspects.map(toldOf)],
    held,
    suspects,
  };
};

const none: ServerPins = new Map();

const faultOf = (
  { kind, name, definition }: PinnedDefinition,
  pins: ServerPins | undefined,
  { newcomers }: IntegrityRules,
): Pick<HeldBack, 'why' | 'fields'> | undefined => {
  if (pins === undefined) return undefined;
  const pin = pins.get(pinKey(kind, name));
  if (pin === undefined) return newcomers === 'hold' ? { why: 'new', fields: [] } : undefined;
  if (pin.digest === definitionDigest(definition)) return undefined;
  return { why: 'changed', fields: changedFields(pin.definition, definition) };
};

const suspicionsOf = ({ kind, name, definition }: PinnedDefinition): readonly Suspect[] =>
  suspicions(definition).map((suspicion) => ({ kind, name, ...suspicion }));

const words = {
  tools: 'Tool',
  prompts: 'Prompt',
  resourceTemplates: 'Resource template',
  instructions: 'What the server says of itself:',
} as const;

const told = ({ kind, name, why, fields }: HeldBack): string => {
  const reasons = {
    changed: `it is not what was approved (${fields.join(', ') || 'the file of pins'} changed)`,
    new: 'nobody has approved it',
    suspicious: 'it is suspicious',
  };
  return `${words[kind]} \`${name}\` is held back: ${reasons[why]}`;
};

const toldOf = ({ kind, name, what, where, shown }: Suspect): string => {
  const said = {
    hidden_characters: `hidden characters (${shown})`,
    control_characters: `control characters (${shown})`,
    instructions: `text that reads like instructions to a model ("${shown}")`,
  };
  return `${words[kind]} \`${name}\` has ${said[what]} in \`${where}\``;
};
