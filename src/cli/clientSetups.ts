/** How one kind of client is told about the gateway. */
export interface ClientSetup {
  readonly client: string;
  /** Where the text belongs; empty when it is a command. */
  readonly where: string;
  readonly text: string;
}

const servers = (entry: object): string => JSON.stringify({ mcpServers: { sluice: entry } });

/** What to paste into the common clients so that they use the gateway at `url`. */
export const clientSetups = (url: string): readonly ClientSetup[] => [
  {
    client: 'Claude Code',
    where: '(or put the second line into .mcp.json)',
    text: `claude mcp add --transport http sluice ${url}\n${servers({ type: 'http', url })}`,
  },
  {
    client: 'Claude Desktop',
    where: 'claude_desktop_config.json',
    // It starts local servers only from this file; mcp-remote is such a server and forwards to an address.
    text: servers({ command: 'npx', args: ['-y', 'mcp-remote', url] }),
  },
  { client: 'Cursor', where: '~/.cursor/mcp.json', text: servers({ url }) },
  {
    client: 'MCP Inspector',
    where: '',
    text: `npx @modelcontextprotocol/inspector --cli ${url} --transport http --method tools/list`,
  },
];
