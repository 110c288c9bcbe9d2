import { open } from 'node:fs/promises';
import { defer, finalize, map, reduce, type Observable } from 'rxjs';
import { Client } from 'undici';
import type { ClientTlsSettings } from '../../../../config/clientTlsSettings.js';
import { limits } from '../../../../config/limits.js';
import { alwaysOpen } from '../../../../streams/valve.js';
import { fromDispatch, type Chunk, type Head } from '../../../fromDispatch.js';
import type { AddressGuard } from '../../../network/addressGuard.js';
import { connectTo } from '../../connectTo.js';
import { followRedirects } from '../followRedirects.js';
import { restLimits } from '../restLimits.js';
import { DocumentError } from './documentError.js';

export interface ReadOptions {
  /** Sent where it is a URL. */
  readonly headers: Readonly<Record<string, string>>;
  readonly guard: AddressGuard | undefined;
  readonly tls: ClientTlsSettings | undefined;
}

/**
 * The bytes of a document, from a file or a URL, at most {@link restLimits.documentBytes}. Unsubscribing closes the connection.
 *
 * @param source an absolute file path, or an http(s) URL
 * @returns emits once. Errors: {@link DocumentError}, or the `GatewayError` of the connection
 */
export const readDocument = (source: string, options: ReadOptions): Observable<Buffer> =>
  defer(() => (/^https?:\/\//i.test(source) ? fromUrl(source, options) : readBounded(source)));

const fromUrl = (source: string, { headers, guard, tls }: ReadOptions): Observable<Buffer> => {
  if (!URL.canParse(source)) throw new DocumentError('its URL is not valid');
  const { origin, pathname, search } = new URL(source);
  // A connection of its own, closed afterwards: documents are read rarely, and often not from the instance itself.
  const client = new Client(origin, { connect: connectTo(limits.connectMs, { guard, tls }) });
  const accept = 'application/json, application/yaml;q=0.9, */*;q=0.8';
  return followRedirects(
    { path: pathname + search, method: 'GET', headers: { ...headers, accept } },
    {
      send: (request) => fromDispatch(client, request, alwaysOpen),
      origin,
      limit: restLimits.redirects,
    },
  ).pipe(
    reduce(collect, empty),
    map(({ pieces }) => Buffer.concat(pieces)),
    finalize(() => void client.destroy()),
  );
};

interface Collected {
  readonly pieces: Buffer[];
  readonly size: number;
}

/** Never written to: the head, which comes first, gives a fresh one. */
const empty: Collected = { pieces: [], size: 0 };

const collect = ({ pieces, size }: Collected, part: Head | Chunk): Collected => {
  if (part.kind === 'head') {
    if (part.status !== 200) throw new DocumentError(`reading it gave HTTP ${part.status}`);
    return { pieces: [], size: 0 };
  }
  if (size + part.data.length > restLimits.documentBytes) throw tooLarge();
  pieces.push(part.data);
  return { pieces, size: size + part.data.length };
};

const tooLarge = (): DocumentError =>
  new DocumentError(`it is larger than ${restLimits.documentBytes / 1024 / 1024} MiB`);

const readBounded = async (path: string): Promise<Buffer> => {
  try {
    const file = await open(path, 'r');
    try {
      const { size } = await file.stat();
      if (size > restLimits.documentBytes) throw tooLarge();
      // Not readFile: a pipe or a device has no end. What is appended meanwhile is left for the next time.
      const buffer = Buffer.alloc(size);
      let filled = 0;
      while (filled < size) {
        const { bytesRead } = await file.read(buffer, filled, size - filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      return buffer.subarray(0, filled);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof DocumentError) throw error;
    throw new DocumentError('its file can not be read', { cause: error });
  }
};
