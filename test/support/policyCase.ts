/** An input of a policy as its authors write it into a file: a call of a tool of `orders`. */
export const policyCase = (tool: string, args: object = {}) => ({
  version: 1,
  method: 'tools/call',
  time: '2026-11-21T19:00:00.000Z',
  transport: 'http',
  client: {},
  identity: { id: 'a1', method: 'jwt', anonymous: false, user: 'ann', scopes: [], roles: [] },
  claims: {},
  server: { name: 'orders', type: 'rest' },
  tool: { name: `orders_${tool}`, own: tool, annotations: {} },
  arguments: args,
});
