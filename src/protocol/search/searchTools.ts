import type { ToolDefinition } from '../mcp.js';

/** Most tools that one search gives. */
export const maxResults = 50;
/** Longest question, in characters. */
export const maxQuery = 1000;

/** The tool that finds others. @param results how many it gives unless asked otherwise */
export const searchTool = (name: string, callName: string, results: number): ToolDefinition => ({
  name,
  title: 'Search tools',
  description: `Finds tools by words: what they are called, do and take. Only a few of the tools there are stand in the list. Gives the names, descriptions and input schemas of those that fit best; call them with ${callName}.`,
  inputSchema: {
    type: 'object',
    properties: {
      query: {
        type: 'string',
        minLength: 1,
        maxLength: maxQuery,
        description: 'Words for what the tool should do',
      },
      limit: {
        type: 'integer',
        minimum: 1,
        maximum: maxResults,
        default: results,
        description: 'How many tools to give at most',
      },
    },
    required: ['query'],
    additionalProperties: false,
  },
  outputSchema: {
    type: 'object',
    properties: {
      tools: {
        type: 'array',
        items: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] },
      },
      total: { type: 'integer', description: 'How many tools there are in all' },
    },
    required: ['tools', 'total'],
  },
  annotations: { readOnlyHint: true, openWorldHint: false },
});

/** The tool that calls others. */
export const callTool = (name: string, searchName: string): ToolDefinition => ({
  name,
  title: 'Call a tool',
  description: `Calls a tool that ${searchName} has found, as if it were called directly.`,
  inputSchema: {
    type: 'object',
    properties: {
      name: { type: 'string', minLength: 1, description: 'The name of the tool' },
      arguments: { type: 'object', description: "The arguments, by the tool's input schema" },
    },
    required: ['name'],
    additionalProperties: false,
  },
});
