import { catchError, forkJoin, map, of, throwError, type Observable } from 'rxjs';
import { GatewayError } from '../../../protocol/errors.js';
import { isObject } from '../../../protocol/jsonrpc.js';
import type {
  PromptDefinition,
  ResourceDefinition,
  ResourceTemplateDefinition,
  ToolDefinition,
} from '../../../protocol/mcp.js';
import { soundDefinition, type DefinitionKind } from '../../../protocol/soundDefinition.js';
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
        kind: DefinitionKind,
        key: string,
        fault?: (item: T) => string | undefined,
      ) =>
        sieve(part.items, kind, key, warnings).filter((item) => {
          const reason = fault?.(item as T);
          if (reason !== undefined) warnings.push(leftOut(kind, item[key], reason));
          return reason === undefined;
        }) as T[];
      return {
        ...greeting,
        tools: pick<ToolDefinition>(tools, 'Tool', 'name', (tool) => era.screen(tool)),
        resources: pick<ResourceDefinition>(resources, 'Resource', 'uri'),
        resourceTemplates: pick<ResourceTemplateDefinition>(templates, 'ResourceTemplate', 'uriTemplate'),
        prompts: pick<PromptDefinition>(prompts, 'Prompt', 'name'),
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

/** Keeps what is sound and unique by `key`; says of the rest why not. */
const sieve = (
  items: readonly Item[],
  kind: DefinitionKind,
  key: string,
  warnings: string[],
): readonly Item[] => {
  const taken = new Set<unknown>();
  return items.flatMap((item) => {
    const id = item[key];
    const sound = id === '' ? { fault: `its ${key} is empty` } : soundDefinition(kind, item);
    if ('fault' in sound || taken.has(id)) {
      warnings.push(leftOut(kind, id, 'fault' in sound ? sound.fault : 'it is listed twice'));
      return [];
    }
    taken.add(id);
    if (sound.dropped.length > 0)
      warnings.push(`${nameOf(kind, id)}: left out what is malformed: ${sound.dropped.join(', ')}`);
    return [sound.definition];
  });
};

const leftOut = (kind: DefinitionKind, id: unknown, reason: string): string =>
  `${nameOf(kind, id)} left out: ${reason}`;

const nameOf = (kind: DefinitionKind, id: unknown): string =>
  `${kind} ${typeof id === 'string' ? JSON.stringify(id.slice(0, 100)) : '?'}`;
