import { parse } from 'yaml';
import { isObject } from '../../../../protocol/jsonrpc.js';
import { DocumentError } from './documentError.js';
import { parseYamlApart } from './parseYamlApart.js';
import type { OpenApiDocument } from './resolveRef.js';

/** YAML beyond this many characters is read on another thread: about a tenth of a second. */
const apartFrom = 100_000;

/** maxAliasCount bounds what a few lines of aliases can blow up to. */
const options = { maxAliasCount: 100, logLevel: 'error' } as const;

/**
 * Reads an OpenAPI 3.0 or 3.1 document, JSON or YAML.
 *
 * @returns the document; rejects with a {@link DocumentError} for text that is neither, and for any other kind of document
 */
export const parseDocument = async (bytes: Uint8Array): Promise<OpenApiDocument> => {
  const value = await valueOf(new TextDecoder().decode(bytes));
  if (!isObject(value)) throw new DocumentError('it is not an object');
  if (value['swagger'] !== undefined)
    throw new DocumentError(
      'it is Swagger 2.0; convert it to OpenAPI 3 (with swagger2openapi, for instance)',
    );
  const version = value['openapi'];
  // YAML reads an unquoted 3.0 as a number.
  const text = typeof version === 'number' ? version.toFixed(1) : version;
  if (typeof text !== 'string' || !/^3\.[0-2](\.|$)/.test(text))
    throw new DocumentError('it does not say "openapi: 3.0" or 3.1');
  return value;
};

const valueOf = async (text: string): Promise<unknown> => {
  try {
    // YAML contains JSON but is read far more slowly.
    if (/^\s*\{/.test(text)) return JSON.parse(text) as unknown;
  } catch {
    // YAML may begin with a brace, too.
  }
  try {
    return text.length < apartFrom ? (parse(text, options) as unknown) : await parseYamlApart(text, options);
  } catch (error) {
    throw new DocumentError('it is neither valid JSON nor valid YAML', { cause: error });
  }
};
