import { exposedName } from '../../../protocol/names.js';
import type { Catalog } from '../../../streams/catalog.js';
import { kept } from '../../../streams/kept.js';
import type { View } from '../../../streams/view.js';
import type { ToolListed, ToolsPage, ToolsQuestion } from '../questions.js';

/** A tool and the text that it is found by. */
interface Found {
  readonly row: ToolListed;
  readonly text: string;
}

/** Worked out once for a view: it is another one when anything has changed. */
const found = new WeakMap<View, readonly Found[]>();

/** A page of the tools of a view, by name, and where all is seen those that are held back. */
export const toolsPage = (
  catalog: Catalog,
  view: View,
  { tenant, search, server, after, limit }: ToolsQuestion,
  separator: string,
): ToolsPage => {
  const all = kept(found, view, () => {
    const held = tenant === undefined ? heldBack(catalog, separator) : [];
    return [...[...view.tools.values()].map(listed), ...held]
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map((row) => ({
        row,
        text: `${row.name}\n${row.title ?? ''}\n${row.description ?? ''}`.toLowerCase(),
      }));
  });
  const words = search
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const fitting = all.filter(
    ({ row, text }) =>
      (server === undefined || row.server === server) && words.every((word) => text.includes(word)),
  );
  const rest = after === '' ? fitting : fitting.filter(({ row }) => row.name > after);
  return {
    tools: rest.slice(0, limit).map(({ row }) => row),
    total: fitting.length,
    more: rest.length > limit,
  };
};

const listed = ({ key, definition, server }: NonNullable<ReturnType<View['tools']['get']>>): ToolListed => {
  const { title, description, annotations } = definition as Readonly<Record<string, unknown>>;
  return {
    name: key,
    ...(typeof title === 'string' && { title }),
    server: server.settings.name,
    ...(typeof description === 'string' && {
      description: description.split('\n', 1)[0]?.slice(0, 300) ?? '',
    }),
    ...(annotations !== undefined && { annotations }),
  };
};

const heldBack = ({ servers }: Catalog, separator: string): readonly ToolListed[] =>
  servers.flatMap(({ settings, offer }) =>
    (offer?.held ?? []).flatMap(({ kind, name, why }) =>
      kind === 'tools'
        ? [{ name: exposedName(settings.prefix, separator, name), server: settings.name, held_back: why }]
        : [],
    ),
  );
