import { looksSecret } from '../../protocol/redaction/looksSecret.js';
import { secretName } from '../../protocol/redaction/secretName.js';
import { secretSpans } from '../../protocol/redaction/secretSpans.js';
import { spellings } from '../../protocol/redaction/spellings.js';
import { namedArguments } from './namedArguments.js';

/** Shorter ones are found in any text. */
const leastLength = 8;
/** A word of letters alone is found in any text too, if it is not longer than words are. */
const wordLength = 16;
/** Bits a character of what may be a secret by its name: as much as a text has that is no word with a number. */
const leastEntropy = 2.5;

/** Where the configuration of a server may have something in it that lets the gateway in. */
export interface OwnPlaces {
  /** Headers, or variables of a child: values by name. */
  readonly named?: Readonly<Record<string, string>>;
  /** Addresses, and paths of tools. */
  readonly addresses?: readonly string[];
  /** What a program is started with. */
  readonly args?: readonly string[];
}

/**
 * The texts in what a server is configured with that no client may see: what headers, variables, parameters of addresses and options of a
 * program hold whose name says so, or that look like a token; the words of each, and the password of `Basic` or in front of a host.
 */
export const ownSecrets = ({ named = {}, addresses = [], args = [] }: OwnPlaces): readonly string[] => {
  const found = new Found();
  for (const [name, value] of Object.entries(named)) found.take(name, value);
  for (const [name, value] of namedArguments(args)) found.take(name, value);
  for (const text of [...addresses, ...args]) found.look(text);
  return spellings(found.secrets);
};

class Found {
  readonly secrets = new Set<string>();

  /** What has a name. */
  take(name: string, value: string): void {
    this.look(value);
    const kind = secretName(name);
    if (kind === undefined || (kind === 'likely' && !isLikely(value))) return;
    const words = value.trim().split(/[\s;,]+/);
    // `Bearer x` is mostly repeated as `x`.
    const isScheme = words.length > 1 && /^[A-Za-z][\w-]*$/.test(words[0] ?? '');
    for (const word of isScheme ? words.slice(1) : words) this.#add(valueOf(word));
    if (words.length === 1) this.#addPassword(/^[^:/\s]+:.+$/.exec(value)?.[0]);
    if (isScheme && /^basic$/i.test(words[0] ?? ''))
      this.#addPassword(Buffer.from(words[1] ?? '', 'base64').toString('utf8'));
  }

  /** What may stand anywhere in a text: what is named there, passwords in addresses, what looks like a token. */
  look(text: string): void {
    for (const [, name = '', value = ''] of text.matchAll(assigned)) {
      const kind = secretName(name);
      const plain = decoded(value);
      if (kind === 'sure' || (kind === 'likely' && isLikely(plain))) this.#add(value, plain);
    }
    for (const { start, end } of secretSpans(text)) this.#add(text.slice(start, end));
    for (const [, password = ''] of text.matchAll(inAddress)) this.#add(password, decoded(password));
  }

  /** `name:password` is repeated as the password alone too. */
  #addPassword(user = ''): void {
    this.#add(user.slice(user.indexOf(':') + 1));
  }

  #add(...secrets: string[]): void {
    for (const secret of secrets) {
      const isWord = secret.length < wordLength && /^[A-Za-z]*$/.test(secret);
      if (secret.length >= leastLength && !isWord) this.secrets.add(secret);
    }
  }
}

/** `api_key=…`, up to where the next begins; a place for an argument is none. */
const assigned = /([A-Za-z][\w.-]*)=([^\s&;,#"'{}]+)/g;
/** The password in front of a host. */
const inAddress = /:\/\/[^\s:/?#@]*:([^\s/?#@]+)@/g;

/** Of `name=value`; signs at the end fill up what is coded in base64. */
const valueOf = (word: string): string => /^[\w.-]+=(.*[^=].*)$/.exec(word)?.[1] ?? word;

const isLikely = (value: string): boolean => /\d/.test(value) && looksSecret(value, leastEntropy);

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text; // a lone `%`
  }
};
