import type { BackendMethod } from '../protocol/methods.js';
import type { Params } from '../protocol/jsonrpc.js';

/** So many places that a URI is beneath are told of its change. */
const maxParents = 32;

const kinds: Readonly<Partial<Record<BackendMethod, string>>> = {
  'tools/call': 'tools',
  'prompts/get': 'prompts',
  'resources/read': 'resources',
};

/** What answers are about, for whoever forgets them: a kind of things of one server, or one resource. */
export const answerTags = {
  /** What one answer is about. */
  of(server: string, method: BackendMethod, { uri }: Params): readonly string[] {
    const kind = tag(server, kinds[method] ?? method);
    return typeof uri === 'string' ? [kind, tag(server, 'uri', uri)] : [kind];
  },
  tools: (server: string): readonly string[] => [tag(server, 'tools')],
  /** All of a server. */
  all: (server: string): readonly string[] =>
    ['tools', 'prompts', 'resources'].map((kind) => tag(server, kind)),
  /** A resource, and those that it is a part of: a server may name the part of one that has changed (`notifications/resources/updated`). */
  changed: (server: string, uri: string): readonly string[] =>
    [uri, ...wholes(uri)].map((each) => tag(server, 'uri', each)),
  /** A tag that is about no less, for who can't keep account of each resource. */
  wider(given: string): string {
    const [server = '', kind = ''] = JSON.parse(given) as readonly string[];
    return tag(server, kind === 'uri' ? 'resources' : kind);
  },
} as const;

const tag = (...words: readonly string[]): string => JSON.stringify(words);

const wholes = (uri: string): readonly string[] => {
  const found: string[] = [];
  for (const { index } of uri.matchAll(/[/?#]/g)) {
    if (index > 0) found.push(uri.slice(0, index));
    if (uri[index] === '/' && index + 1 < uri.length) found.push(uri.slice(0, index + 1));
  }
  return found.slice(-maxParents);
};
