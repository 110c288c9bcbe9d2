import type { Finding } from './findings.js';
import type { TextRedactor } from './textRedactor.js';

/** Something that carries a part of a text, and the text it is to carry. */
export interface Part<T> {
  readonly item: T;
  readonly text: string;
}

interface Held<T> extends Part<T> {
  /** What stands for it beside its neighbours: a whole document is none of their text. */
  readonly joined: string;
}

/** The longest beginning of a value that is waited for, in characters: as long as the longest value there is, a private key. */
const maxOpen = 16_384;
/** Parts held at a time, and the characters of all but the last of them. */
const maxParts = 2048;
const maxHeld = 256 * 1024;
/** What is held is searched with each part up to so many characters, beyond that when it has grown by a fourth: twice as much text takes twice the time. */
const alwaysSearched = 1024;
const growth = 1.25;

/**
 * A text that comes in parts, of which a value may be spread over several. A part is held back while its end may be the beginning of a
 * value; what is found goes into the part where it begins, and out of the others. No other text moves from one part to another.
 *
 * ```
 * parts       "mail al"  "ice@example.or"  "g now"
 * given back                               "mail [redacted:email]"  ""  " now"
 * ```
 */
export class TextParts<T> {
  readonly #redactor: TextRedactor;
  #held: Held<T>[] = [];
  /** Characters held, and how many of them were when they were last searched. */
  #length = 0;
  #searched = 0;

  constructor(redactor: TextRedactor) {
    this.#redactor = redactor;
  }

  get size(): number {
    return this.#held.length;
  }

  /** Takes a part; gives what can go on now, in order. */
  push(item: T, text: string): readonly Part<T>[] {
    const isDocument = /^[[{]/.test(text.trimStart()) && this.#isJson(text);
    const joined = isDocument ? '\n' : text;
    this.#held.push({ item, text: isDocument ? this.#redactor.text(text) : text, joined });
    this.#length += joined.length;
    const isDue =
      this.#length <= alwaysSearched ||
      this.#length >= this.#searched * growth ||
      this.#held.length > maxParts;
    return isDue ? this.#release(false) : [];
  }

  /** Gives all that is held: nothing more will come, or nobody should wait any longer. */
  flush(): readonly Part<T>[] {
    return this.#held.length === 0 ? [] : this.#release(true);
  }

  #isJson(text: string): boolean {
    try {
      JSON.parse(text.trim());
      return true;
    } catch {
      return false; // a part of one: its text is searched as any other
    }
  }

  #release(all: boolean): readonly Part<T>[] {
    const whole = this.#held.map(({ joined }) => joined).join('');
    const found = this.#redactor.find(whole);
    const going = this.#held.slice(0, all ? this.#held.length : this.#complete(whole, found));
    this.#held = this.#held.slice(going.length);
    let stop = 0;
    const given = going.map(({ item, text, joined }) => {
      const start = stop;
      stop += joined.length;
      return { item, text: joined === text ? this.#redacted(whole, start, stop, found) : text };
    });
    this.#length = whole.length - stop;
    this.#searched = this.#length;
    return given;
  }

  /** How many parts there are, from the first on, in which nothing will be found that is not found yet. */
  #complete(whole: string, found: readonly Finding[]): number {
    let safe = this.#redactor.openFrom(whole);
    for (const { context, end } of found)
      if (end > safe || end === whole.length) safe = Math.min(safe, context);
    if (whole.length - safe > maxOpen || this.#held.length > maxParts) return this.#held.length;
    let complete = 0;
    let at = 0;
    for (const [index, { joined }] of this.#held.entries()) {
      if (at > maxHeld) return this.#held.length;
      at += joined.length;
      if (at <= safe && !found.some(({ context, end }) => context < at && end > at)) complete = index + 1;
    }
    return complete;
  }

  /** The part of the text from `start` to `stop`, with what was found replaced where it begins. */
  #redacted(whole: string, start: number, stop: number, found: readonly Finding[]): string {
    let out = '';
    let at = start;
    for (const each of found) {
      const { start: from, end } = each;
      if (end <= start || from >= stop) continue;
      if (from >= start) out += whole.slice(at, from) + this.#redactor.replaced(whole.slice(from, end), each);
      at = Math.min(end, stop);
    }
    return out + whole.slice(at, stop);
  }
}
