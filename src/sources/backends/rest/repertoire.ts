import type { Implementation } from '../../../protocol/mcp.js';
import type { Offer } from '../../../streams/backend.js';
import type { BaseUrl } from './baseUrl.js';
import { compileTool, type CompiledTool } from './compileTool.js';
import type { RestTool } from './restTool.js';

/** What a REST server can do: what it offers, and how each of its tools is called. */
export interface Repertoire {
  readonly offer: Offer;
  /** By name. */
  readonly tools: ReadonlyMap<string, CompiledTool>;
  readonly base: BaseUrl;
}

export interface RepertoireOptions {
  /** Later ones replace earlier ones of the same name, in their place. */
  readonly tools: readonly RestTool[];
  readonly base: BaseUrl;
  /** Sent with every request. */
  readonly headers: Readonly<Record<string, string>>;
  readonly warnings: readonly string[];
  readonly serverInfo?: Implementation;
  /** Milliseconds until the offer should be asked for again; undefined for no wish. */
  readonly ttlMs?: number;
}

/** Compiles tools. One that can't be compiled is left out with a warning. */
export const repertoire = (options: RepertoireOptions): Repertoire => {
  const { base, headers, serverInfo, ttlMs } = options;
  const warnings = [...options.warnings];
  const tools = new Map<string, CompiledTool>();
  for (const tool of options.tools) {
    const { name } = tool.definition;
    try {
      tools.set(name, compileTool(tool, base, headers));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      tools.delete(name);
      warnings.push(`${name} is left out: ${reason}`);
    }
  }
  const offer: Offer = {
    revision: 'rest',
    ...(serverInfo === undefined ? {} : { serverInfo }),
    capabilities: { tools: {} },
    tools: [...tools.values()].map((tool) => tool.definition),
    resources: [],
    resourceTemplates: [],
    prompts: [],
    ...(ttlMs === undefined ? {} : { ttlMs }),
    warnings,
  };
  return { offer, tools, base };
};
