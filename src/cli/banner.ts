import type { Announced } from '../gateway/workers/announced.js';
import type { Catalog } from '../streams/catalog.js';
import type { ServerState } from '../streams/serverState.js';
import { clientSetups } from './clientSetups.js';
import { exampleCurl } from './exampleCurl.js';
import { firstLine } from './firstLine.js';
import { table } from './table.js';
import { coloursOf, type Screen, type Terminal } from './terminal.js';

export interface BannerFacts extends Announced {
  readonly catalog: Catalog;
}

/** More rows than this would push the endpoint off the screen. */
const maxRows = 30;

/** What a gateway says when it is ready: where it is, how to connect, what it offers, and one request to try. */
export const banner = (
  { url, adminUrl, consoleUrl, catalog }: BannerFacts,
  screen: Screen,
  env: Terminal['env'],
): string => {
  const { bold, cyan, dim, yellow } = coloursOf(screen, env);
  const lines = [
    '',
    bold('Sluice is ready.'),
    '',
    `  MCP endpoint   ${cyan(url)}`,
    `  Health         ${cyan(`${adminUrl}/healthz`)}  ${cyan(`${adminUrl}/readyz`)}`,
    ...(consoleUrl === undefined ? [] : [`  Console        ${cyan(consoleUrl)}`]),
    '',
  ];
  for (const { client, where, text } of clientSetups(url))
    lines.push(`${bold(client)}${where === '' ? '' : dim(`  ${where}`)}`, indent(text), '');
  lines.push(...toolLines(catalog, screen, env));
  const silent = catalog.servers.filter(({ offer, stale }) => offer === undefined || stale !== undefined);
  for (const server of silent) lines.push(yellow(`! ${server.settings.name}: ${trouble(server)}`));
  if (silent.length > 0) lines.push(dim('  Their tools appear as soon as they answer.'), '');
  lines.push(bold('Try it'), indent(exampleCurl(url, catalog)), '');
  return `${lines.join('\n')}\n`;
};

const toolLines = (catalog: Catalog, screen: Screen, env: Terminal['env']): string[] => {
  const { bold, dim } = coloursOf(screen, env);
  const all = [...(catalog.whole()?.tools.values() ?? [])];
  // In the order of the configuration: the operator's own first server comes first.
  const tools = catalog.servers.flatMap(({ settings: { name } }) =>
    all.filter(({ server }) => server.settings.name === name),
  );
  if (tools.length === 0) return [bold('Tools'), '  none yet', ''];
  const shown = tools
    .slice(0, maxRows)
    .map(({ key, server, definition }) => [
      `  ${key}`,
      server.settings.name,
      firstSentence(firstLine(definition.description ?? definition['title'])),
    ]);
  const rest = tools.length - shown.length;
  return [
    bold(`Tools (${tools.length})`),
    table(['  TOOL', 'SERVER', 'DESCRIPTION'], shown, screen, env),
    ...(rest > 0 ? [dim(`  and ${rest} more: sluice tools`)] : []),
    '',
  ];
};

/** A log file gets no table cut to its width, but no essays either. */
const firstSentence = (text: string): string => {
  const sentence = text.split('. ', 1)[0] ?? '';
  return sentence.length <= 80 ? sentence : `${sentence.slice(0, 79)}…`;
};

const trouble = ({ offer, stale }: ServerState): string => {
  const reason = stale?.reason ?? 'it has not answered yet';
  return offer === undefined ? reason : `${reason} (its last list is served)`;
};

const indent = (text: string): string => text.replace(/^/gm, '  ');
