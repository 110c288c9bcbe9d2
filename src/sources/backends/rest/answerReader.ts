import type { CallToolResult } from '../../../protocol/mcp.js';

/** Takes an answer's body off the socket, piece by piece, and makes the result of it. Synchronous throughout. */
export interface AnswerReader {
  /** Takes a piece. False: enough, the rest need not be sent; `end` gives the result. */
  push(data: Buffer): boolean;
  /** The result; called once, when the body is complete or `push` was false. */
  end(): CallToolResult;
}
