/** Where a search tool and a call tool stand in the list in place of many. */
export interface ToolSearchSettings {
  /** More tools than these are not listed one by one. */
  readonly over: number;
  /** How many tools a search gives. */
  readonly results: number;
  /** Globs over exposed names of tools that are listed all the same. */
  readonly always: readonly string[];
}
