import assert from 'node:assert/strict';
import { takesContext } from '../../../src/protocol/transform/takesContext.js';

describe('protocol/transform/takesContext', () => {
  const schemas: [Record<string, unknown>, boolean][] = [
    [{}, true],
    [{ additionalProperties: true }, true],
    [{ additionalProperties: false }, false],
    [{ additionalProperties: { type: 'string' } }, false],
    [{ unevaluatedProperties: false }, false],
    [{ properties: { _context: {} }, additionalProperties: false }, true],
    [{ properties: { id: {} }, additionalProperties: false }, false],
  ];
  for (const [schema, expected] of schemas)
    it(`${String(expected)} for ${JSON.stringify(schema)}`, () => {
      const tool = { name: 'get', inputSchema: { type: 'object', ...schema } };
      assert.equal(takesContext(tool, true), expected);
      assert.equal(takesContext(tool, 'always'), true);
    });
});
