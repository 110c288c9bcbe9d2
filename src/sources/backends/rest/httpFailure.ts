import { STATUS_CODES } from 'node:http';
import { isObject } from '../../../protocol/jsonrpc.js';
import type { CallToolResult } from '../../../protocol/mcp.js';
import type { Head } from '../../fromDispatch.js';
import { decodeText } from './decodeText.js';
import { mediaType } from './mediaType.js';
import { parseJson } from '../../../protocol/parseJson.js';
import { restLimits } from './restLimits.js';
import { sanitize } from './sanitize.js';
import { toolError } from './toolError.js';

/** Where services put the sentence meant for people, the most telling first (RFC 9457, OAuth, Spring, ASP.NET, …). */
const messageKeys = [
  'detail',
  'message',
  'error_description',
  'error',
  'reason',
  'description',
  'title',
  'msg',
];
/** Where they put what is wrong with each field. */
const listKeys = [
  'errors',
  'fields',
  'violations',
  'invalid-params',
  'invalid_params',
  'fieldErrors',
  'details',
];
/** What services say about themselves in error answers and nobody else should read. */
const privateKeys =
  /^(?:stack|stack_?trace|trace|exception|debug|path|file|line|host|hostname|instance|cause)$/i;

/**
 * An HTTP answer that is no success as an `isError` result: status, reason and the backend's own message, sanitized.
 *
 * @param body what has been read of it, {@link restLimits.errorBodyBytes} at most
 * @param secrets as for {@link sanitize}
 */
export const httpFailure = (head: Head, body: Buffer, secrets: readonly string[]): CallToolResult => {
  const reason = STATUS_CODES[head.status];
  const status = reason === undefined ? `HTTP ${head.status}` : `HTTP ${head.status} ${reason}`;
  if (head.status < 400) return toolError(`${status}: the service redirects to a place that is not followed`);
  const message = sanitize(messageOf(head, body), secrets, restLimits.errorTextLength);
  const retryAfter = head.headers['retry-after'];
  const later =
    typeof retryAfter === 'string' && /^\d{1,6}$/.test(retryAfter) ? ` (retry after ${retryAfter} s)` : '';
  return toolError(message === '' ? `${status}${later}` : `${status}${later}: ${message}`);
};

const messageOf = (head: Head, body: Buffer): string => {
  const type = mediaType(head.headers['content-type']);
  if (body.length === 0 || type.kind === 'binary' || type.kind === 'image' || type.kind === 'audio')
    return '';
  const text = decodeText(body, type.charset);
  if (type.kind === 'json' || type.kind === 'unknown') {
    const value = parseJson(text, restLimits.structuredDepth);
    if (value !== undefined) return sentenceOf(value, 0) ?? summaryOf(value);
  }
  // An HTML page is made for eyes; its status says all there is to say.
  return /^\s*<(?:!doctype|html)/i.test(text) || type.essence === 'text/html' ? '' : text;
};

/** The first sentence found where services put it; in objects in objects too. */
const sentenceOf = (value: unknown, depth: number): string | undefined => {
  if (typeof value === 'string') return value;
  if (depth > 4) return undefined;
  if (Array.isArray(value)) {
    const sentences = value.slice(0, 10).map((item: unknown) => sentenceOf(item, depth + 1));
    const found = sentences.filter((sentence) => sentence !== undefined);
    return found.length === 0 ? undefined : found.join(';\n');
  }
  if (!isObject(value)) return undefined;
  const sentence = firstOf(messageKeys.map((key) => sentenceOf(value[key], depth + 1)));
  const list = listKeys.map((key) => value[key]).find((item) => typeof item === 'object' && item !== null);
  if (list === undefined) return sentence;
  const details = sentenceOf(list, depth + 1) ?? summaryOf(list);
  return sentence === undefined ? details : `${sentence}: ${details}`;
};

const firstOf = (sentences: readonly (string | undefined)[]): string | undefined =>
  sentences.find((sentence) => sentence !== undefined && sentence !== '');

/** JSON without any of the known keys: itself, as JSON, without what is private. */
const summaryOf = (value: unknown): string =>
  JSON.stringify(value, (key, item: unknown) => (privateKeys.test(key) ? undefined : item));
