import { readFile } from 'node:fs/promises';
import { isCall, isObject, isResponse } from '../../protocol/jsonrpc.js';
import { metaKeys, metaOf } from '../../protocol/mcp.js';
import type { RecordedLine } from '../../protocol/recording/recordedLine.js';
import { RecordingError } from '../recordingError.js';
import { LineBook } from './lineBook.js';
import { linesOfWeb } from './linesOfWeb.js';
import type { WebExchange } from './webExchange.js';

/**
 * What others have noted of MCP, as lines of a recording: a HAR file of a browser (1.2), or the history or the network log that the MCP
 * Inspector exports.
 *
 * @param path a file that ends in `.har` or `.json`; it is read as a whole
 * @throws RecordingError where it is none of these, or has no calls
 */
export const importedLines = async (path: string): Promise<readonly RecordedLine[]> => {
  const lines = linesIn(await jsonIn(path));
  if (lines === undefined)
    throw new RecordingError(`${path} is neither a HAR file nor an export of the MCP Inspector`, {
      remedy: ['Recordings of a gateway end in .ndjson.zst, .ndjson.gz or .ndjson.'],
    });
  if (lines.length === 0) throw new RecordingError(`There are no calls of MCP in ${path}`);
  return lines;
};

const jsonIn = async (path: string): Promise<unknown> => {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    throw new RecordingError(`${path} can not be read as JSON`, { cause });
  }
};

const linesIn = (value: unknown): readonly RecordedLine[] | undefined => {
  if (isObject(value) && isObject(value['log']) && Array.isArray(value['log']['entries']))
    return linesOfWeb(objectsIn(value['log']['entries']).map(fromHar));
  if (!Array.isArray(value)) return undefined;
  const entries = objectsIn(value);
  if (entries.some(({ direction, message }) => direction !== undefined && isObject(message)))
    return linesOfHistory(entries);
  if (entries.some(({ requestHeaders }) => isObject(requestHeaders)))
    return linesOfWeb(entries.map(fromNetworkLog));
  return undefined;
};

type Entry = Readonly<Record<string, unknown>>;

const objectsIn = (values: readonly unknown[]): readonly Entry[] => values.filter(isObject);

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
const numberOf = (value: unknown): number =>
  typeof value === 'number' && Number.isFinite(value) ? value : 0;
const timeOf = (value: unknown): number => {
  const time = Date.parse(String(value));
  return Number.isNaN(time) ? 0 : time;
};
const objectOf = (value: unknown): Entry => (isObject(value) ? value : {});

const fromHar = ({ startedDateTime, time, request, response }: Entry): WebExchange => {
  const [asked, answered] = [objectOf(request), objectOf(response)];
  const content = objectOf(answered['content']);
  const text = textOf(content['text']);
  const headers = headersIn(answered['headers']);
  return {
    at: timeOf(startedDateTime),
    ms: numberOf(time),
    method: String(asked['method']),
    headers: headersIn(asked['headers']),
    body: textOf(objectOf(asked['postData'])['text']),
    status: numberOf(answered['status']),
    answeredHeaders: { 'content-type': textOf(content['mimeType']) ?? '', ...headers },
    answer: content['encoding'] === 'base64' ? Buffer.from(text ?? '', 'base64').toString() : text,
  };
};

const fromNetworkLog = (entry: Entry): WebExchange => ({
  at: timeOf(entry['timestamp']),
  ms: numberOf(entry['duration']),
  method: String(entry['method']),
  headers: lowerCase(Object.entries(objectOf(entry['requestHeaders']))),
  body: textOf(entry['requestBody']),
  status: numberOf(entry['responseStatus']),
  answeredHeaders: lowerCase(Object.entries(objectOf(entry['responseHeaders']))),
  answer: textOf(entry['responseBody']),
});

const headersIn = (headers: unknown): Readonly<Record<string, string>> =>
  lowerCase(
    (Array.isArray(headers) ? objectsIn(headers) : []).map(({ name, value }) => [String(name), value]),
  );

const lowerCase = (entries: readonly (readonly [string, unknown])[]): Readonly<Record<string, string>> =>
  Object.fromEntries(entries.map(([name, value]) => [name.toLowerCase(), String(value)]));

/** Only a client sends these; of older exports nothing else tells whose a message is. */
const ofServers: ReadonlySet<string> = new Set([
  'sampling/createMessage',
  'elicitation/create',
  'roots/list',
]);

/** One client, and what it sent. */
const linesOfHistory = (entries: readonly Entry[]): readonly RecordedLine[] => {
  const own = entries.filter(({ message, direction, origin }) => {
    if (!isCall(message) || direction === 'response' || origin === 'server') return false;
    if (origin === 'client' || direction === 'request')
      return origin === 'client' || !ofServers.has(message.method);
    return message.method === 'notifications/initialized' || message.method === 'notifications/cancelled';
  });
  const book = new LineBook(own.map(({ timestamp }) => timeOf(timestamp)));
  const opening = own
    .map(({ message }) => message)
    .find((message) => isCall(message) && message.method === 'initialize');
  const asked = isCall(opening) ? opening.params?.['protocolVersion'] : undefined;
  const revision = typeof asked === 'string' ? asked : '2025-06-18';
  for (const { message, timestamp, response, duration } of own) {
    if (!isCall(message)) continue;
    const claimed = metaOf(message.params)[metaKeys.protocolVersion];
    book.add({
      at: timeOf(timestamp),
      ms: numberOf(duration),
      lane: typeof claimed === 'string' ? 'u:inspector' : 's:inspector',
      revision: typeof claimed === 'string' ? claimed : revision,
      message,
      response: isResponse(response) ? response : undefined,
    });
  }
  return book.lines;
};
