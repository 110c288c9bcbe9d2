import { codePoint } from '../codePoint.js';
import { isObject, type Params } from '../jsonrpc.js';

/** Something in a definition that a person who reviews it would stop at. */
export interface Suspicion {
  readonly what: 'hidden_characters' | 'control_characters' | 'instructions';
  /** Where: `description`, `inputSchema.properties.id.description`. */
  readonly where: string;
  /** What it looks like, printable. */
  readonly shown: string;
}

/** More is not looked at, nor told: each is reason enough. */
const maxTold = 10;
const maxCharacters = 256 * 1024;
const maxDepth = 64;

/**
 * What is not seen by who reads it and is by a model: zero-width, directions of writing, tags, blank fillers. Joiners and marks that
 * scripts and emoji need are taken out first.
 */
const hidden =
  /\u034f|\u17b4|\u17b5|[\u180b-\u180e]|[\u00ad\u061c\u115f\u1160\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}]|\u200d/u;
const needed =
  /(?<=[\p{L}\p{M}])[\u200c\u200d](?=[\p{L}\p{M}])|(?<=[\p{Extended_Pictographic}\p{EMod}\ufe0f])\u200d(?=\p{Extended_Pictographic})/gu;
const flags = /\u{1f3f4}[\u{e0020}-\u{e007e}]{2,6}\u{e007f}/gu;
/** Terminal sequences and everything of C0 and C1 but tabs and line ends. */
const control = /(?![\t\n\r])\p{Cc}/u;

/**
 * Text that speaks to the model about other things than the tool. Few, and plain: each pattern is bounded, so that the work is linear.
 * They find what is often seen, not what somebody hides with care.
 */
const instructions: readonly RegExp[] = [
  /\b(?:ignore|disregard|forget|override)\s{1,4}(?:\w{1,16}\s{1,4}){0,3}(?:previous|prior|above|earlier|preceding|other|system)\s{1,4}(?:\w{1,16}\s{1,4}){0,2}(?:instructions?|prompts?|rules|messages|directions|tools?)\b/iu,
  /<\s{0,4}\/?\s{0,4}(?:important|system|instructions?|secret|hidden|admin|assistant)\s{0,4}>/iu,
  /\b(?:do\s{1,4}not|don'?t|never|without)\s{1,4}(?:\w{1,16}\s{1,4}){0,2}(?:tell|telling|inform|informing|mention|mentioning|reveal|revealing|notify|notifying|show|showing|let)\s{1,4}(?:\w{1,16}\s{1,4}){0,4}(?:the\s{1,4})?user\b/iu,
  /\bbefore\s{1,4}(?:using|calling|invoking|running)\s{1,4}(?:this|any|other|another|the)\s{1,4}(?:\w{1,16}\s{1,4}){0,3}(?:tool|function|server)s?\b/iu,
  /\b(?:you|the\s{1,4}(?:model|assistant|agent|ai))\s{1,4}(?:must|should|shall|have\s{1,4}to|need\s{1,4}to)\s{1,4}(?:\w{1,16}\s{1,4}){0,2}(?:first\s{1,4}|always\s{1,4})?(?:call|use|read|send|include|pass|append)\b/iu,
  /\b(?:system\s{1,4}prompt|conversation\s{1,4}history|chat\s{1,4}history|hidden\s{1,4}instructions?)\b/iu,
  /(?:~\/\.|\/\.)(?:ssh|aws|cursor|config|kube|gnupg|netrc|env)\b|\bid_(?:rsa|ed25519)\b|\/etc\/(?:passwd|shadow)\b|\bmcp\.json\b/iu,
];

/** What is suspicious about a definition: all its texts, names of properties included. */
export const suspicions = (definition: Params): readonly Suspicion[] => {
  const found: Suspicion[] = [];
  let left = maxCharacters;
  const look = (value: unknown, path: readonly string[]): void => {
    if (found.length >= maxTold || left <= 0 || path.length > maxDepth) return;
    if (typeof value === 'string') {
      left -= value.length;
      found.push(...inText(value, path.join('.') || 'definition'));
    } else if (Array.isArray(value))
      for (const [index, child] of value.entries()) look(child, [...path, String(index)]);
    else if (isObject(value))
      for (const [name, child] of Object.entries(value)) {
        found.push(...inText(name, [...path, printable(name)].join('.')));
        look(child, [...path, printable(name)]);
      }
  };
  look(definition, []);
  return found.slice(0, maxTold);
};

const inText = (text: string, where: string): Suspicion[] => {
  const found: Suspicion[] = [];
  const unseen = hidden.exec(text.replace(flags, '').replace(needed, ''));
  if (unseen !== null) found.push({ what: 'hidden_characters', where, shown: codePoint(unseen[0]) });
  const steering = control.exec(text);
  if (steering !== null) found.push({ what: 'control_characters', where, shown: codePoint(steering[0]) });
  for (const pattern of instructions) {
    const spoken = pattern.exec(text);
    if (spoken === null) continue;
    found.push({ what: 'instructions', where, shown: printable(spoken[0]) });
    break;
  }
  return found;
};

/** A piece of somebody else's text for a log: short, and nothing in it that a terminal obeys. */
const printable = (text: string): string => text.slice(0, 80).replace(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, '·');
