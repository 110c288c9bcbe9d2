import { isObject } from '../../../../protocol/jsonrpc.js';
import { baseUrl, type BaseUrl } from '../baseUrl.js';
import { DocumentError } from './documentError.js';
import type { OpenApiDocument } from './resolveRef.js';

/**
 * The base URL a document names itself: its first server, variables at their defaults, relative to where it came from.
 *
 * @param source where the document was read: a URL, or a file path, against which nothing can be relative
 * @throws DocumentError if there is none or it can't be used
 */
export const documentServer = (document: OpenApiDocument, source: string): BaseUrl => {
  const servers: unknown = document['servers'];
  const first: unknown = Array.isArray(servers) ? servers[0] : undefined;
  const template = isObject(first) && typeof first['url'] === 'string' ? first['url'] : '/';
  const variables = isObject(first) && isObject(first['variables']) ? first['variables'] : {};
  const url = template.replace(/\{([^{}]+)\}/g, (whole, name: string) => {
    const variable = Object.hasOwn(variables, name) ? variables[name] : undefined;
    return isObject(variable) ? String(variable['default']) : whole;
  });
  const from = /^https?:/i.test(source) ? source : undefined;
  if (!URL.canParse(url, from))
    throw new DocumentError('it names no complete server URL; give the server a "url" of its own');
  const named = new URL(url, from);
  // The document is fetched, so whoever serves it could send our requests, and the credential in them, anywhere.
  if (from !== undefined && named.origin !== new URL(from).origin)
    throw new DocumentError(
      'it names a server of another origin; give the server a "url" of its own to allow that',
    );
  try {
    return baseUrl(named.href);
  } catch (error) {
    throw new DocumentError('the server URL it names can not be used', { cause: error });
  }
};
