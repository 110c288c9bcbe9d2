import { isCall, isResponse, type JsonRpcCall, type JsonRpcResponse } from '../../protocol/jsonrpc.js';
import { metaKeys, metaOf } from '../../protocol/mcp.js';
import { internalMethods } from '../../protocol/methods.js';
import { opaqueDigest } from '../../protocol/recording/opaqueDigest.js';
import type { RecordedLine } from '../../protocol/recording/recordedLine.js';
import { assumedVersion } from '../../protocol/revisions/index.js';
import { events } from '../wires/events.js';
import { LineBook } from './lineBook.js';
import type { WebExchange } from './webExchange.js';

/**
 * Exchanges over HTTP as lines of a recording: those that speak MCP. Of their headers nothing is taken but the revision, and the session as
 * a digest.
 */
export const linesOfWeb = (exchanges: readonly WebExchange[]): readonly RecordedLine[] => {
  const book = new LineBook(exchanges.map(({ at }) => at));
  for (const one of exchanges) {
    const session = one.headers['mcp-session-id'] ?? one.answeredHeaders['mcp-session-id'];
    const lane = session === undefined ? 'u:import' : `s:${opaqueDigest(session)}`;
    const header = one.headers['mcp-protocol-version'];
    const own = { at: one.at, ms: one.ms, lane, revision: header ?? assumedVersion };
    if (one.method === 'GET' && isStream(one.answeredHeaders))
      book.add({ ...own, message: { jsonrpc: '2.0', method: internalMethods.stream } });
    if (one.method === 'DELETE' && session !== undefined)
      book.add({ ...own, message: { jsonrpc: '2.0', method: internalMethods.end } });
    if (one.method !== 'POST') continue;
    const answers = messagesIn(one.answer, one.answeredHeaders);
    for (const message of messagesIn(one.body, {}).filter(isCall))
      book.add({
        ...own,
        revision: header ?? claimed(message) ?? assumedVersion,
        message,
        told: answers.filter(isCall).filter(({ id }) => id === undefined),
        response: answers.filter(isResponse).find(({ id }) => id !== undefined && id === message.id),
        status: one.status,
      });
  }
  return book.lines;
};

const isStream = (headers: WebExchange['headers']): boolean =>
  headers['content-type']?.startsWith('text/event-stream') === true;

const claimed = ({ method, params }: JsonRpcCall): string | undefined => {
  const version =
    metaOf(params)[metaKeys.protocolVersion] ??
    (method === 'initialize' ? params?.['protocolVersion'] : undefined);
  return typeof version === 'string' ? version : undefined;
};

/** The messages in a body: one, several in an array, or those of a stream. What is none is left out. */
const messagesIn = (
  body: string | undefined,
  headers: WebExchange['headers'],
): readonly (JsonRpcCall | JsonRpcResponse)[] => {
  const texts: string[] = [];
  if (isStream(headers)) events(({ data }) => texts.push(data))(Buffer.from(`${body ?? ''}\n\n`));
  else texts.push(body ?? '');
  return texts
    .flatMap(parsed)
    .filter((value): value is JsonRpcCall | JsonRpcResponse => isCall(value) || isResponse(value));
};

const parsed = (text: string): readonly unknown[] => {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : [value];
  } catch {
    // A page, a picture: whatever else a browser has fetched.
    return [];
  }
};
