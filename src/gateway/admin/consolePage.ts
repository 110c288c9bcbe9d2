import { readdir, readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { consoleHeaders } from './consoleHeaders.js';

interface Part {
  readonly type: string;
  readonly body: Buffer;
  readonly packed: Buffer;
}

/** The built page, by the paths it is served at. */
type Parts = ReadonlyMap<string, Part>;

const built = new URL('../../../dist/console/', import.meta.url);

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
};

/** Serves the page. @returns false for a path that is none of its files */
export type ConsolePage = (
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
) => Promise<boolean>;

/**
 * The page of the console as `npm run build` has left it, read when it is first asked for. A path is looked up among the files that
 * were found, and never becomes the name of one.
 *
 * @param folder where it was built
 */
export const consolePage = (folder: URL = built): ConsolePage => {
  let parts: Parts | undefined;
  return async (path, request, response) => {
    const all = (parts ??= await readParts(folder));
    const part = all?.get(path === '/' ? '/index.html' : path);
    if (part === undefined) return false;
    const isPacked = /\bgzip\b/.test(String(request.headers['accept-encoding']));
    const body = isPacked ? part.packed : part.body;
    response.writeHead(200, {
      ...consoleHeaders,
      'content-type': part.type,
      'content-length': body.length,
      ...(isPacked && { 'content-encoding': 'gzip' }),
      vary: 'accept-encoding',
      // Their names have hashes of what they hold.
      'cache-control': path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-store',
    });
    response.end(request.method === 'HEAD' ? undefined : body);
    return true;
  };
};

const pack = promisify(gzip);

/** Undefined where nothing has been built. */
const readParts = async (folder: URL): Promise<Parts | undefined> => {
  try {
    const files = await readdir(folder, { recursive: true, withFileTypes: true });
    const root = fileURLToPath(folder);
    const reading = files.map(async (file): Promise<[string, Part][]> => {
      if (!file.isFile()) return [];
      const path = join(file.parentPath, file.name);
      const body = await readFile(path);
      const type = types[extname(path)] ?? 'application/octet-stream';
      const served = `/${relative(root, path).replaceAll(sep, '/')}`;
      return [[served, { type, body, packed: await pack(body) }]];
    });
    return new Map((await Promise.all(reading)).flat());
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
};
