import type { IncomingMessage } from 'node:http';
import { isObject } from '../../protocol/jsonrpc.js';
import { parseJson } from '../../protocol/parseJson.js';
import { ApiError } from './apiError.js';

/** Deeper than any arguments of a tool. */
const maxDepth = 64;

/**
 * The JSON object in the body of a request; an empty one where there is none. A page of another origin can not send its media type without asking first, and nobody answers it.
 *
 * @throws ApiError 413, 415, 400
 */
export const readJson = async (
  request: IncomingMessage,
  maxBytes: number,
): Promise<Readonly<Record<string, unknown>>> => {
  const type = request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
  const tooLarge = (): ApiError =>
    new ApiError('ERR_BODY_TOO_LARGE', `The body is larger than ${maxBytes} bytes`, {
      headers: { connection: 'close' },
    });
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw tooLarge();
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > maxBytes) throw tooLarge();
    pieces.push(piece);
  }
  if (size === 0) return {};
  if (type !== 'application/json')
    throw new ApiError('ERR_MEDIA_TYPE', 'Send JSON, with `content-type: application/json`');
  const value = parseJson(Buffer.concat(pieces).toString('utf8'), maxDepth);
  if (!isObject(value)) throw new ApiError('ERR_INVALID_REQUEST', 'The body is no JSON object');
  return value;
};
