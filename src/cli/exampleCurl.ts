import { isObject } from '../protocol/jsonrpc.js';
import { metaKeys } from '../protocol/mcp.js';
import type { Catalog } from '../streams/catalog.js';
import type { ToolEntry } from '../streams/slice.js';

const revision = '2026-07-28';

/**
 * A `curl` that works against the gateway as it is now: it calls a tool that reads only and needs no arguments, or lists the
 * tools where there is none. It speaks 2026-07-28, which needs no session first.
 */
export const exampleCurl = (url: string, catalog: Catalog): string => {
  const tool = harmlessTool(catalog);
  const method = tool === undefined ? 'tools/list' : 'tools/call';
  const meta = { [metaKeys.protocolVersion]: revision, [metaKeys.clientCapabilities]: {} };
  // With a progress token a streaming tool shows its rows while they are made.
  const params =
    tool === undefined
      ? { _meta: meta }
      : { name: tool, arguments: {}, _meta: { ...meta, progressToken: 1 } };
  const body = { jsonrpc: '2.0', id: 1, method, params };
  return [
    `curl -sN ${url} \\`,
    `  -H 'Content-Type: application/json' -H 'Accept: application/json, text/event-stream' \\`,
    `  -H 'MCP-Protocol-Version: ${revision}' -H 'Mcp-Method: ${method}'${tool === undefined ? '' : ` -H 'Mcp-Name: ${tool}'`} \\`,
    `  -d '${JSON.stringify(body)}'`,
  ].join('\n');
};

/** The first in the order of the configuration, so that the example is about the operator's first server. */
const harmlessTool = (catalog: Catalog): string | undefined => {
  const tools = [...(catalog.whole()?.tools.values() ?? [])].filter(isHarmless);
  for (const server of catalog.servers) {
    const own = tools.find((tool) => tool.server.settings.name === server.settings.name);
    if (own !== undefined) return own.key;
  }
  return undefined;
};

const isHarmless = ({ definition: { inputSchema, annotations } }: ToolEntry): boolean => {
  const { required, anyOf, oneOf, allOf, minProperties } = inputSchema;
  const needsNothing =
    (required === undefined || (Array.isArray(required) && required.length === 0)) &&
    [anyOf, oneOf, allOf, minProperties].every((keyword) => keyword === undefined);
  return annotations?.readOnlyHint === true && needsNothing && isObject(inputSchema);
};
