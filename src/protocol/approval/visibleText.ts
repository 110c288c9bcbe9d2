import { codePoint } from '../codePoint.js';
import { skeleton } from '../integrity/skeleton.js';

/** What takes no room, turns the direction of writing, or is a blank that is no plain one. */
const unseen =
  /\u034f|\u17b4|\u17b5|[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}\p{Zl}\p{Zp}\u115f\u1160\u3164\uffa0]|(?! )\p{Zs}/u;
const word = /[\p{L}\p{M}\p{N}]+/gu;
const latin = /\p{Script=Latin}/u;
const plain = /^[a-z0-9]+$/;

/**
 * A text in which nothing is hidden: characters that are not seen, and letters that pass for others, stand with their number. For a
 * person who has to decide by what is read.
 *
 * `сору` in letters that are not Latin gives `с‹U+0441›о‹U+043E›р‹U+0440›у‹U+0443›`; accents, and words of a script of its own, stay as they
 * are.
 */
export const visibleText = (text: string): string => {
  const isForeign = !latin.test(text) && Array.from(text).some(isUnmistakable);
  return Array.from(
    text.replace(word, (found) => markedWord(found, isForeign)),
    (character) => (unseen.test(character) ? number(character) : character),
  ).join('');
};

/** @param isForeign whether the text is in a script that is not Latin, and says so: its short words look like Latin ones by chance */
const markedWord = (found: string, isForeign: boolean): string => {
  const letters = Array.from(found);
  const isPretending = latin.test(found) || (!isForeign && !letters.some(isUnmistakable));
  return letters
    .map((letter) =>
      isStyled(letter) || (isPretending && passesForLatin(letter)) ? `${letter}${number(letter)}` : letter,
    )
    .join('');
};

/** Wide, mathematical and other forms of plain letters and digits. */
const isStyled = (letter: string): boolean =>
  letter > '\x7f' && letter.normalize('NFKC') !== letter.normalize('NFC') && plain.test(skeleton(letter));

const passesForLatin = (letter: string): boolean =>
  letter > '\x7f' && !accented.test(letter.normalize('NFD')) && plain.test(skeleton(letter));

/** A plain letter and what stands above or beneath it. */
const accented = /^[a-z]\p{M}+$/iu;

/** A letter that nobody takes for a Latin one. */
const isUnmistakable = (letter: string): boolean =>
  /\p{L}/u.test(letter) && !latin.test(letter) && !plain.test(skeleton(letter));

const number = (character: string): string => `‹${codePoint(character)}›`;
