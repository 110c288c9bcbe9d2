import { catchError, forkJoin, map, of, throwError, type Observable } from 'rxjs';
import { GatewayError } from '../../../protocol/errors.js';
import { isObject } from '../../../protocol/jsonrpc.js';
import type {
  PromptDefinition,
  ResourceDefinition,
  ResourceTemplateDefinition,
  ToolDefinition,
} from '../../../protocol/mcp.js';
import type { Offer } from '../../../streams/backend.js';
import { listAll, type Listed } from './listAll.js';
import type { Greeting, UpstreamEra } from './upstreamEra.js';

type Item = Readonly<Record<string, unknown>>;

const empty: Listed = { items: [], ttlMs: undefined, warnings: [] };

/**
 * Lists everything a server declares that it has; what is malformed is left out with a warning.
 *
 * @returns one offer. A failing `tools/list` fails it; another list that the server answers with an error is taken as empty
 */
export const listOffer = (era: UpstreamEra, greeting: Greeting): Observable<Offer> => {
  const list = (capability: string, method: string, key: string): Observable<Listed> =>
    isObject(greeting.capabilities[capability]) ? listAll(era, method, key) : of(empty);
  return forkJoin({
    tools: list('tools', 'tools/list', 'tools'),
    resources: forgiving(list('resources', 'resources/list', 'resources')),
    templates: forgiving(list('resources', 'resources/templates/list', 'resourceTemplates')),
    prompts: forgiving(list('prompts', 'prompts/list', 'prompts')),
  }).pipe(
    map(({ tools, resources, templates, prompts }): Offer => {
      const warnings = [tools, resources, templates, prompts].flatMap((part) => part.warnings);
      const ttls = [tools, resources, templates, prompts].flatMap((part) => part.ttlMs ?? []);
      const pick = <T>(
        part: Listed,
        kind: string,
        key: string,
        fault: (item: Item) => string | undefined,
      ): T[] => sieve(part.items, kind, key, fault, warnings) as T[];
      return {
        ...greeting,
        tools: pick<ToolDefinition>(tools, 'tool', 'name', (item) => toolFault(item, era)),
        resources: pick<ResourceDefinition>(resources, 'resource', 'uri', nameFault),
        resourceTemplates: pick<ResourceTemplateDefinition>(
          templates,
          'resource template',
          'uriTemplate',
          nameFault,
        ),
        prompts: pick<PromptDefinition>(prompts, 'prompt', 'name', nameFault),
        ...(ttls.length === 0 ? undefined : { ttlMs: Math.min(...ttls) }),
        warnings,
      };
    }),
  );
};

/** An answered error of a lesser list costs that list only. A connection that fails costs the offer: the last good one stays. */
const forgiving = (list: Observable<Listed>): Observable<Listed> =>
  list.pipe(
    catchError((error: unknown) =>
      error instanceof GatewayError && isAnswered(error.cause)
        ? of({ ...empty, warnings: [error.message] })
        : throwError(() => error),
    ),
  );

/** A JSON-RPC error; the exit code of a process is a number too. */
const isAnswered = (cause: unknown): boolean =>
  isObject(cause) && typeof cause['code'] === 'number' && typeof cause['message'] === 'string';

const nameFault = (item: Item): string | undefined =>
  typeof item['name'] === 'string' ? undefined : 'it has no name';

const toolFault = (item: Item, era: UpstreamEra): string | undefined => {
  const schema = item['inputSchema'];
  if (!isObject(schema) || schema['type'] !== 'object') return 'its inputSchema is not that of an object';
  return era.screen(item as ToolDefinition);
};

/** Keeps what is sound and unique by `key`; says of the rest why not. */
const sieve = (
  items: readonly Item[],
  kind: string,
  key: string,
  fault: (item: Item) => string | undefined,
  warnings: string[],
): Item[] => {
  const taken = new Set<string>();
  return items.filter((item) => {
    const id = item[key];
    const reason =
      typeof id !== 'string' || id === ''
        ? `it has no ${key}`
        : taken.has(id)
          ? 'it is listed twice'
          : fault(item);
    if (reason === undefined) taken.add(id as string);
    else
      warnings.push(
        `${kind} ${typeof id === 'string' ? JSON.stringify(id.slice(0, 100)) : '?'} left out: ${reason}`,
      );
    return reason === undefined;
  });
};
