import { isObject } from '../jsonrpc.js';
import { visibleText } from './visibleText.js';

/** Most lines that are shown; of more arguments a person reads none. */
const maxLines = 50;
/** Most characters that are shown of one name. */
const maxName = 100;

/** How much is shown. */
export interface ShownOptions {
  /** Characters of one value. */
  readonly maxValue: number;
  /** Characters of all. */
  readonly maxAll: number;
}

/** What a person is shown of arguments. */
export interface Shown {
  readonly text: string;
  /** Whether that is all of them. */
  readonly whole: boolean;
}

/**
 * Arguments for a person who has to decide on them: one a line, values as JSON, so that no value can pass for a line, and nothing in them
 * that is not seen ({@link visibleText}). Lines are indented by four blanks, which Markdown takes for code: nothing in them is a link,
 * a picture or a heading. What is cut says how much is missing, and shows how it ends.
 */
export const shownArguments = (args: unknown, { maxValue, maxAll }: ShownOptions): Shown => {
  const all = isObject(args) ? Object.entries(args) : [['arguments', args] as const];
  if (all.length === 0) return { text: `${indent}(none)`, whole: true };
  let left = maxAll;
  let whole = true;
  const lines: string[] = [];
  for (const [name, value] of all) {
    if (lines.length === maxLines || left <= 0) break;
    const key = cut(/^[\w.-]+$/.test(name) ? name : asJson(name), maxName);
    const shown = cut(asJson(value), Math.min(maxValue, Math.max(left, leastValue)));
    const line = `${indent}${key.text}: ${shown.text}`;
    whole &&= key.whole && shown.whole;
    left -= line.length;
    lines.push(line);
  }
  const missing = all.length - lines.length;
  if (missing > 0) lines.push(`${indent}… and ${missing} more`);
  return { text: lines.join('\n'), whole: whole && missing === 0 };
};

const indent = '    ';
/** Of a value at the end of what there is room for, so much is shown all the same. */
const leastValue = 80;
/** Of a text that is cut, so much of the room is for its end. */
const ending = 0.25;

const asJson = (value: unknown): string => JSON.stringify(value);

/** The beginning and the end of a text, made visible afterwards: cutting must not take a mark apart. */
const cut = (text: string, max: number): Shown => {
  if (text.length <= max) return { text: visibleText(text), whole: true };
  const end = Math.floor(max * ending);
  const [first, last] = [text.slice(0, max - end), text.slice(text.length - end)].map((part) =>
    visibleText(part),
  );
  return { text: `${first} …(${text.length - max} characters not shown)… ${last}`, whole: false };
};
