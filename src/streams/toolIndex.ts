import MiniSearch from 'minisearch';
import { from, map } from 'rxjs';
import { searchTerms } from '../protocol/search/searchTerms.js';
import { isObject } from '../protocol/jsonrpc.js';
import type { Prompt } from './sessions.js';
import type { ToolEntry } from './slice.js';

/** Finds tools by words: the keys of those that fit, the best first. */
export type ToolIndex = (query: string) => readonly string[];

/** So many tools are indexed in one go (some milliseconds); of more, other work has its turn between. */
const atOnce = 100;
const maxTerms = 300;
const maxQueryTerms = 24;
/** Parameters of a tool that count. */
const maxParameters = 50;

interface Indexed {
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly parameters: string;
}

/** Makes the index of a list of tools: at once for a short one. */
export const toolIndex = (tools: ReadonlyMap<string, ToolEntry>): Prompt<ToolIndex> => {
  const index = new MiniSearch<Indexed>({
    fields: ['name', 'title', 'description', 'parameters'],
    tokenize: (text) => searchTerms(text, maxTerms),
    processTerm: (term) => term,
    searchOptions: {
      tokenize: (text) => [...new Set(searchTerms(text, maxQueryTerms))],
      boost: { name: 4, title: 3, parameters: 0.5 },
      // A word that is begun, and one that is misspelt.
      prefix: (term) => term.length > 2,
      fuzzy: (term) => (term.length > 4 ? 0.2 : false),
      maxFuzzy: 1,
    },
  });
  const find: ToolIndex = (query) => index.search(query).map(({ id }) => String(id));
  const all = [...tools.values()].map(indexed);
  if (all.length <= atOnce) {
    index.addAll(all);
    return find;
  }
  return from(index.addAllAsync(all, { chunkSize: atOnce })).pipe(map(() => find));
};

const indexed = ({ key, definition }: ToolEntry): Indexed => {
  const { title, description, inputSchema } = definition;
  const { properties } = inputSchema;
  const parameters = isObject(properties) ? Object.entries(properties).slice(0, maxParameters) : [];
  return {
    id: key,
    name: key,
    title: typeof title === 'string' ? title : '',
    description: description ?? '',
    parameters: parameters.map(([name, schema]) => `${name} ${describedBy(schema)}`).join(' '),
  };
};

const describedBy = (schema: unknown): string =>
  isObject(schema) && typeof schema['description'] === 'string' ? schema['description'].slice(0, 200) : '';
