import { isUtf8 } from 'node:buffer';
import { isObject } from '../../../protocol/jsonrpc.js';
import type { CallToolResult } from '../../../protocol/mcp.js';
import { decodeText } from './decodeText.js';
import type { MediaType } from './mediaType.js';
import { parseJson } from '../../../protocol/parseJson.js';
import { restLimits } from './restLimits.js';

/** What of the tool shapes its content. */
export interface ContentOptions {
  /** The property under which a bare JSON list is given as `structuredContent`; undefined for not at all. */
  readonly list: string | undefined;
  /** The URI of a binary answer's resource block. */
  readonly uri: string;
}

/**
 * A whole, successful answer as a tool result.
 *
 * | answer | content | `structuredContent` |
 * |---|---|---|
 * | JSON object | its text, verbatim | the object |
 * | JSON list | its text | `{ [list]: … }` where the output schema has one list, else none |
 * | other JSON, text, XML, … | its text | none |
 * | image, audio | an image or audio block | none |
 * | anything else | an embedded resource with the bytes | none |
 * | nothing | a sentence that says so | none |
 *
 * An answer without content type is text if it is valid UTF-8, and JSON if it parses to an object.
 */
export const toContent = (
  status: number,
  type: MediaType,
  body: Buffer,
  options: ContentOptions,
): CallToolResult => {
  if (body.length === 0) return { content: [{ type: 'text', text: `HTTP ${status}, no content` }] };
  switch (type.kind) {
    case 'json':
      return fromJson(decodeText(body, type.charset), options);
    case 'image':
    case 'audio':
      return { content: [{ type: type.kind, data: body.toString('base64'), mimeType: type.essence }] };
    case 'binary':
      return binary(type.essence, body, options.uri);
    case 'unknown':
      return isUtf8(body) ? fromJson(decodeText(body, 'utf-8'), options) : binary('', body, options.uri);
    default:
      return { content: [{ type: 'text', text: decodeText(body, type.charset) }] };
  }
};

const fromJson = (text: string, { list }: ContentOptions): CallToolResult => {
  const content = [{ type: 'text', text }];
  const value = parseJson(text, restLimits.structuredDepth);
  if (isObject(value)) return { content, structuredContent: value };
  if (list !== undefined && Array.isArray(value)) return { content, structuredContent: { [list]: value } };
  return { content };
};

const binary = (essence: string, body: Buffer, uri: string): CallToolResult => ({
  content: [
    {
      type: 'resource',
      resource: { uri, mimeType: essence || 'application/octet-stream', blob: body.toString('base64') },
    },
  ],
});
