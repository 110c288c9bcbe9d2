import type { CallToolResult } from '../../../protocol/mcp.js';
import type { AnswerReader } from './answerReader.js';
import { parseJson } from '../../../protocol/parseJson.js';
import { parseNdjson } from './parseNdjson.js';
import type { PartParser } from './partParser.js';
import { restLimits } from './restLimits.js';
import { sseEvents } from './sseEvents.js';
import { textChunks } from './textChunks.js';
import { tooLarge } from './tooLarge.js';

/** How an answer is cut into parts. */
export type PartKind = 'ndjson' | 'sse' | 'text';

export interface ReadPartsOptions {
  readonly kind: PartKind;
  /** A name TextDecoder knows. */
  readonly charset: string;
  /** Bytes of the joined result. */
  readonly limit: number;
  /** The property under which rows or events are given as `structuredContent`. */
  readonly list: string | undefined;
  /** Told of each part at once. */
  readonly onPart: (text: string) => void;
  /** Whether the client is told too. */
  readonly takesProgress: boolean;
}

/**
 * Reads an answer that comes in parts: rows of NDJSON, server-sent events, or text as it arrives.
 *
 * Each part is told at once, and all are joined in the result:
 *
 * | answer | joined | `structuredContent` |
 * |---|---|---|
 * | NDJSON | rows, a line each | `{ rows: [...] }` (or under the output schema's list) if every row is JSON |
 * | SSE | the events' data, a line each | only where the output schema has a list: `{ [list]: [...] }`, data that is no JSON as text |
 * | text | as it came | none |
 *
 * If it grows beyond the limit, a client that takes progress still gets every part, and the result holds the first ones and says
 * that it was cut; for any other client reading on would be in vain, and the result is an error.
 */
export const readParts = ({
  kind,
  charset,
  limit,
  list,
  onPart,
  takesProgress,
}: ReadPartsOptions): AnswerReader => {
  const decoder = new TextDecoder(charset);
  const parts: string[] = [];
  let size = 0;
  let cut = false;
  let partTooLong = false;
  const take = (part: string): void => {
    onPart(part);
    // Characters, at most three bytes each: near enough for a bound, and free.
    size += part.length + 1;
    if (size > limit) cut = true;
    if (!cut) parts.push(part);
  };
  const partLimit = Math.min(limit, restLimits.partBytes);
  const parser = parserFor(kind, take, partLimit);
  return {
    push(data) {
      partTooLong = !parser.push(decoder.decode(data, { stream: true }));
      return !partTooLong && (!cut || takesProgress);
    },
    end() {
      if (!partTooLong && (!cut || takesProgress)) finish(parser, decoder);
      if (partTooLong) return tooLarge('part', partLimit);
      if (cut && !takesProgress) return tooLarge('answer', limit);
      return joined(kind, parts, list, cut);
    },
  };
};

const parserFor = (kind: PartKind, take: (part: string) => void, limit: number): PartParser => {
  if (kind === 'ndjson') return parseNdjson(take, limit);
  return kind === 'sse' ? sseEvents(take, limit) : textChunks(take);
};

const finish = (parser: PartParser, decoder: InstanceType<typeof TextDecoder>): void => {
  parser.push(decoder.decode());
  parser.end();
};

const joined = (
  kind: PartKind,
  parts: readonly string[],
  list: string | undefined,
  cut: boolean,
): CallToolResult => {
  const text = parts.join(kind === 'text' ? '' : '\n');
  const content = [{ type: 'text', text: text === '' ? 'The answer was empty' : text }];
  if (cut)
    content.push({
      type: 'text',
      text: 'The answer was cut here: it is too long for one result. Progress had all of it.',
    });
  const items = itemsOf(kind, parts, list);
  return items === undefined ? { content } : { content, structuredContent: { [list ?? 'rows']: items } };
};

const itemsOf = (
  kind: PartKind,
  parts: readonly string[],
  list: string | undefined,
): readonly unknown[] | undefined => {
  if (kind === 'text' || (kind === 'sse' && list === undefined)) return undefined;
  const values = parts.map((part) => parseJson(part, restLimits.structuredDepth));
  if (kind === 'sse') return values.map((value, index) => (value === undefined ? parts[index] : value));
  return values.includes(undefined) ? undefined : values;
};
