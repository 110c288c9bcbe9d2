import type { RawConfig } from './schema.js';
import type { ToolSearchSettings } from './toolSearchSettings.js';

/** What is said of long lists of tools, where anything is. */
export const toToolSearch = (raw: RawConfig['tool_search']): { readonly toolSearch?: ToolSearchSettings } =>
  raw === undefined
    ? {}
    : { toolSearch: { over: raw.over ?? 100, results: raw.results ?? 10, always: raw.always ?? [] } };
