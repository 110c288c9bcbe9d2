import { isObject, type Result } from '../jsonrpc.js';
import { parseJson } from '../parseJson.js';

/** Deeper than this a text is a text. */
const maxDepth = 128;

/** What a tool's result says, and the same result saying something else. */
export interface ResultValue {
  /** The structured content; where there is none the JSON of its text, or the text. */
  readonly value: unknown;
  /** Undefined where it can't be said in that result: structured content is an object. */
  readonly saying: (value: unknown) => Result | undefined;
}

/** The value of a tool's result, to be rewritten; undefined for one that says nothing in words. */
export const resultValue = (result: Result): ResultValue | undefined => {
  const { structuredContent } = result;
  const content: readonly unknown[] = Array.isArray(result['content']) ? result['content'] : [];
  if (structuredContent !== undefined)
    return {
      value: structuredContent,
      saying(value) {
        if (!isObject(value)) return undefined;
        return { ...result, content: withText(content, JSON.stringify(value)), structuredContent: value };
      },
    };
  const texts = content.filter(isText).map(({ text }) => text);
  if (texts.length === 0) return undefined;
  const all = texts.join('\n');
  const json = parseJson(all, maxDepth);
  return {
    value: json === undefined ? all : json,
    saying: (value) => ({
      ...result,
      content: withText(content, typeof value === 'string' ? value : JSON.stringify(value)),
    }),
  };
};

const isText = (block: unknown): block is { readonly type: 'text'; readonly text: string } =>
  isObject(block) && block['type'] === 'text' && typeof block['text'] === 'string';

/**
 * The blocks with one text in place of all: another text beside it would go on to say what the rule took out. Images and links stay.
 */
const withText = (content: readonly unknown[], text: string): readonly unknown[] => [
  { type: 'text', text },
  ...content.filter((block) => !isText(block)),
];
