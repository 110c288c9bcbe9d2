import { createHash } from 'node:crypto';
import { of, share, switchMap, type Observable, type ObservableInput } from 'rxjs';
import type { RestServerSettings } from '../../../../config/settings.js';
import type { BaseUrl } from '../baseUrl.js';
import { DocumentError } from './documentError.js';
import { documentServer } from './documentServer.js';
import { parseDocument } from './parseDocument.js';
import { readDocument, type ReadOptions } from './readDocument.js';
import { toolsFromOpenApi, type OpenApiTools } from './toolsFromOpenApi.js';

/** A document as it was last read. */
export interface ReadOpenApi extends OpenApiTools {
  /** The base URL it names, or why that can't be used. */
  readonly server: BaseUrl | DocumentError;
}

/** Where a server's OpenAPI document is read, again and again. */
export interface OpenApiSource {
  /** The newest that could be used; undefined before the first. */
  readonly current: ReadOpenApi | undefined;
  /**
   * Reads the document, once for all who ask meanwhile; an unchanged one costs a hash and gives the same object. Errors:
   * `DocumentError`, or the `GatewayError` of the connection.
   */
  readonly newest$: Observable<ReadOpenApi>;
}

/**
 * By the settings object: the instances of one server share what is read. The list comes from one instance and the call may go to
 * another, which must then map its arguments by the same document.
 */
const sources = new WeakMap<RestServerSettings, OpenApiSource>();

/**
 * The source of a server's document; the same one for the same settings object.
 *
 * @param location an absolute file path or a URL
 * @param options with the headers of every request to the server. They hold its credential, so the document's host gets them only
 *   if it is one of the server's own origins
 */
export const openApiSource = (
  settings: RestServerSettings,
  location: string,
  { headers, guard, tls }: ReadOptions,
): OpenApiSource => {
  const known = sources.get(settings);
  if (known !== undefined) return known;
  let current: ReadOpenApi | undefined;
  let hash: string | undefined;
  let reading: { readonly hash: string; readonly done: Promise<ReadOpenApi> } | undefined;

  const convert = async (bytes: Buffer, digest: string): Promise<ReadOpenApi> => {
    const document = await parseDocument(bytes);
    const server = serverOf(() => documentServer(document, location));
    current = { ...toolsFromOpenApi(document, settings), server };
    hash = digest;
    return current;
  };
  /** Goes on when nobody waits any more: a document that takes longer than one may wait for it is there the next time. */
  const read = (bytes: Buffer): ObservableInput<ReadOpenApi> => {
    const digest = createHash('sha256').update(bytes).digest('base64');
    if (current !== undefined && digest === hash) return of(current);
    if (reading?.hash !== digest) reading = { hash: digest, done: convert(bytes, digest) };
    return reading.done;
  };
  const sent = isOwnOrigin(location, settings.urls)
    ? { headers, guard, tls }
    : { headers: withoutCredentials(headers), guard, tls: undefined };
  const source: OpenApiSource = {
    get current() {
      return current;
    },
    newest$: readDocument(location, sent).pipe(switchMap(read), share()),
  };
  sources.set(settings, source);
  return source;
};

const serverOf = (read: () => BaseUrl): BaseUrl | DocumentError => {
  try {
    return read();
  } catch (error) {
    return error instanceof DocumentError
      ? error
      : new DocumentError('the server URL it names can not be used');
  }
};

const isOwnOrigin = (location: string, urls: readonly string[]): boolean =>
  /^https?:/i.test(location) &&
  URL.canParse(location) &&
  urls.some((url) => URL.canParse(url) && new URL(url).origin === new URL(location).origin);

const withoutCredentials = (headers: Readonly<Record<string, string>>): Record<string, string> => ({
  'user-agent': headers['user-agent'] ?? 'sluice',
  'accept-encoding': 'identity',
});
