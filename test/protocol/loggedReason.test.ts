import assert from 'node:assert/strict';
import type { GatewayErrorCode } from '../../src/protocol/errors.js';
import { loggedReason } from '../../src/protocol/loggedReason.js';

const cases: readonly (readonly [code: GatewayErrorCode, message: string, logged: string])[] = [
  ['ERR_TOOL_UNKNOWN', 'Unknown tool: crm_find', 'Unknown tool: crm_find'],
  ['ERR_TOOL_UNKNOWN', 'Unknown tool: ann@mail.example', 'Unknown tool: [not a name]'],
  ['ERR_HIDDEN', 'Unknown tool: 4111111111111111', 'Unknown tool: [not a name]'],
  [
    'ERR_PROMPT_UNKNOWN',
    'Unknown prompt or resource template: crm://x y',
    'Unknown prompt or resource template: [not a name]',
  ],
  ['ERR_TOOL_UNKNOWN', `Unknown tool: ${'a'.repeat(200)}`, 'Unknown tool: [not a name]'],
  ['ERR_METHOD_UNKNOWN', 'Method not found: tools/cal', 'Method not found: tools/cal'],
  [
    'ERR_ARGUMENTS_INVALID',
    'Invalid arguments: to is required; items.0.n must be number; ann@mail.example is not known',
    'Invalid arguments: to is required; items.0.n must be number; [not a name] is not known',
  ],
  [
    'ERR_ARGUMENTS_INVALID',
    'Invalid arguments: x is required; my diagnosis must be secret is not known',
    'Invalid arguments: x is required; [not a name] is not known',
  ],
  [
    'ERR_ARGUMENTS_INVALID',
    'Invalid arguments: a; b: c is not known',
    'Invalid arguments: a; [not a name] is not known',
  ],
  ['ERR_FORBIDDEN', 'Not today: ask Ann (über 18)', 'Not today: ask Ann (über 18)'],
  ['ERR_UPSTREAM_FAILED', 'x'.repeat(600), 'x'.repeat(500)],
];

describe('protocol/loggedReason', () => {
  for (const [code, message, logged] of cases)
    it(`${code}: ${message.slice(0, 60)}`, () => assert.equal(loggedReason({ code, message }), logged));
});
