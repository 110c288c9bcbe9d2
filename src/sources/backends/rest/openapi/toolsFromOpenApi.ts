import type { Implementation } from '../../../../protocol/mcp.js';
import { isObject } from '../../../../protocol/jsonrpc.js';
import { anyOf } from '../../../../protocol/glob.js';
import { restLimits } from '../restLimits.js';
import type { RestTool } from '../restTool.js';
import { LeftOut } from './leftOut.js';
import { listOperations, type Operation } from './listOperations.js';
import { operationTool } from './operationTool.js';
import { schemaLibrary } from './schemaLibrary.js';
import type { OpenApiDocument } from './resolveRef.js';

/** What a document has become. */
export interface OpenApiTools {
  readonly tools: readonly RestTool[];
  /** What was left out and why; {@link restLimits.warnings} at most. */
  readonly warnings: readonly string[];
  /** The document's title and version. */
  readonly serverInfo: Implementation;
}

/** Which operations are wanted: globs over operationIds or tool names, first those to include, then those to leave out. */
export interface OperationFilter {
  readonly include?: readonly string[];
  readonly exclude: readonly string[];
}

/**
 * Makes a tool of every wanted operation of a document. A broken operation is left out with a warning, never the whole document.
 */
export const toolsFromOpenApi = (document: OpenApiDocument, filter: OperationFilter): OpenApiTools => {
  const warnings: string[] = [];
  const warn = (warning: string): void => void warnings.push(warning);
  const wanted = listOperations(document, warn).filter(isWanted(filter));
  const libraries = { input: schemaLibrary(document, 'input'), output: schemaLibrary(document, 'output') };
  const tools: RestTool[] = [];
  for (const operation of wanted) {
    try {
      tools.push(
        operationTool(document, operation, libraries, (warning) => warn(`${operation.name}: ${warning}`)),
      );
    } catch (error) {
      // Anything else is a mistake of ours; even then the other operations shall work.
      const reason = error instanceof LeftOut ? error.message : 'it can not be read';
      warn(`${operation.name} (${operation.method} ${operation.path}) is left out: ${reason}`);
    }
  }
  const kept = warnings.slice(0, restLimits.warnings);
  if (warnings.length > kept.length) kept.push(`and ${warnings.length - kept.length} more warnings`);
  return { tools, warnings: kept, serverInfo: infoOf(document) };
};

const isWanted = ({ include, exclude }: OperationFilter): ((operation: Operation) => boolean) => {
  const included = include === undefined ? () => true : anyOf(include);
  const excluded = anyOf(exclude);
  return ({ name, operationId = name }) =>
    (included(name) || included(operationId)) && !excluded(name) && !excluded(operationId);
};

const infoOf = ({ info }: OpenApiDocument): Implementation => {
  const { title, version } = isObject(info) ? info : {};
  return {
    name: typeof title === 'string' ? title : 'REST service',
    version: typeof version === 'string' || typeof version === 'number' ? String(version) : '0',
  };
};
