import { refusal } from './errors.js';
import { decodeHeaderValue, nameHeaderSource } from './headers.js';
import { isObject, isRequest, type JsonRpcCall } from './jsonrpc.js';
import { metaKeys, metaOf } from './mcp.js';
import { assumedVersion, knownRevision, negotiate, revisionOf } from './revisions/index.js';
import { modernVersions } from './revisions/modern.js';
import type { Revision } from './revisions/revision.js';

/** HTTP headers, names in lower case, as node:http gives them. */
export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/**
 * Finds the revision a message is to be understood in. The body decides, headers only confirm it (2026-07-28:
 * basic/versioning, transports/streamable-http).
 *
 * @param headers undefined on transports that have none; nothing is confirmed then
 * @throws GatewayError `ERR_ENVELOPE`, `ERR_HEADER_MISMATCH`, `ERR_VERSION_UNSUPPORTED`, `ERR_VERSION_HEADER`
 */
export const classify = (message: JsonRpcCall, headers?: Headers): Revision => {
  const claimed = metaOf(message.params)[metaKeys.protocolVersion];
  const header = headerOf(headers, 'mcp-protocol-version');
  if (claimed !== undefined) return modernRevision(message, claimed, headers);
  if (isModern(header)) return withoutEnvelope(message, header);
  if (message.method === 'initialize') return negotiate(message.params?.['protocolVersion']);
  return legacyRevision(header);
};

const isModern = (version: string | undefined): version is (typeof modernVersions)[number] =>
  (modernVersions as readonly (string | undefined)[]).includes(version);

/** The version header promises an envelope that the body does not have. */
const withoutEnvelope = (message: JsonRpcCall, version: (typeof modernVersions)[number]): Revision => {
  // A notification needs no envelope; its header is all there is to go by.
  if (!isRequest(message)) return knownRevision(version);
  if (message.method === 'initialize')
    throw refusal(
      'ERR_HEADER_MISMATCH',
      `The header MCP-Protocol-Version says ${version}, which has no initialize`,
    );
  const missing = [metaKeys.protocolVersion, metaKeys.clientCapabilities].filter(
    (key) => metaOf(message.params)[key] === undefined,
  );
  throw refusal('ERR_ENVELOPE', `params._meta lacks ${missing.join(' and ')}`);
};

const legacyRevision = (header: string | undefined): Revision => {
  const revision = revisionOf(header ?? assumedVersion);
  if (revision !== undefined) return revision;
  throw refusal('ERR_VERSION_HEADER', `The header MCP-Protocol-Version names an unsupported version`);
};

const modernRevision = (message: JsonRpcCall, claimed: unknown, headers: Headers | undefined): Revision => {
  const meta = metaOf(message.params);
  if (typeof claimed !== 'string')
    throw refusal('ERR_ENVELOPE', `${metaKeys.protocolVersion} must be a string`);
  if (!isObject(meta[metaKeys.clientCapabilities]))
    throw refusal('ERR_ENVELOPE', `params._meta lacks ${metaKeys.clientCapabilities}, an object`);
  const clientInfo = meta[metaKeys.clientInfo];
  if (clientInfo !== undefined && !isObject(clientInfo))
    throw refusal('ERR_ENVELOPE', `${metaKeys.clientInfo} must be an object`);
  if (headers !== undefined) confirmVersion(claimed, headers);
  const revision = isModern(claimed) ? knownRevision(claimed) : undefined;
  if (revision === undefined)
    throw refusal('ERR_VERSION_UNSUPPORTED', 'This protocol version is not supported', {
      data: { supported: [...modernVersions], requested: claimed },
    });
  if (headers !== undefined && isRequest(message)) confirmMethodAndName(message, headers);
  return revision;
};

const confirmVersion = (claimed: string, headers: Headers): void => {
  const header = headerOf(headers, 'mcp-protocol-version');
  if (header === undefined) throw mismatch('MCP-Protocol-Version is missing');
  if (header !== claimed) throw mismatch(`MCP-Protocol-Version differs from ${metaKeys.protocolVersion}`);
};

const confirmMethodAndName = (message: JsonRpcCall, headers: Headers): void => {
  const method = headerOf(headers, 'mcp-method');
  if (method === undefined) throw mismatch('Mcp-Method is missing');
  if (method !== message.method) throw mismatch('Mcp-Method differs from the method of the body');
  const source = nameHeaderSource(message.method);
  if (source === undefined) return;
  const name = message.params?.[source];
  // A body without the name is wrong in itself; the shape check says so better.
  if (typeof name !== 'string') return;
  const header = headerOf(headers, 'mcp-name');
  if (header === undefined) throw mismatch('Mcp-Name is missing');
  const decoded = decodeHeaderValue(header);
  if (decoded === undefined) throw mismatch('Mcp-Name is not valid base64');
  if (decoded !== name) throw mismatch(`Mcp-Name differs from params.${source}`);
};

const mismatch = (message: string) => refusal('ERR_HEADER_MISMATCH', `Header mismatch: ${message}`);

/** A header's value without surrounding white space. Repeated headers come joined by a comma and then match nothing. */
export const headerOf = (headers: Headers | undefined, name: string): string | undefined => {
  const value = headers?.[name];
  return typeof value === 'string' ? value.trim() : value?.join(',');
};
