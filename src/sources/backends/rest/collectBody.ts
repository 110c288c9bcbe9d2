import type { CallToolResult } from '../../../protocol/mcp.js';
import type { AnswerReader } from './answerReader.js';

/**
 * Collects a body and makes the result of it when it is complete, or when there is too much of it.
 *
 * @param limit bytes; what is beyond them is not kept
 * @param finish the body, and whether it was cut at the limit → the result
 */
export const collectBody = (
  limit: number,
  finish: (body: Buffer, cut: boolean) => CallToolResult,
): AnswerReader => {
  const pieces: Buffer[] = [];
  let total = 0;
  return {
    push(data) {
      total += data.length;
      pieces.push(total > limit ? data.subarray(0, data.length - (total - limit)) : data);
      return total <= limit;
    },
    end() {
      const [first] = pieces;
      const body = pieces.length === 1 && first !== undefined ? first : Buffer.concat(pieces);
      return finish(body, total > limit);
    },
  };
};
