import assert from 'node:assert/strict';
import { toRestTool } from '../../../src/sources/backends/rest/restTool.js';
import { tool } from './restCalls.js';

describe('backends/rest/restTool', () => {
  const rows: [string, Record<string, unknown> | undefined, unknown][] = [
    ['GET', undefined, { readOnlyHint: true }],
    ['HEAD', { title: 'x' }, { readOnlyHint: true, title: 'x' }],
    ['GET', { readOnlyHint: false }, { readOnlyHint: false }],
    ['GET', { idempotentHint: false }, { idempotentHint: false }],
    ['GET', { destructiveHint: true }, { destructiveHint: true }],
    ['POST', undefined, undefined],
  ];
  for (const [method, annotations, expected] of rows)
    it(`${method} with ${JSON.stringify(annotations)}`, () => {
      const { definition } = toRestTool(tool({ method, ...(annotations !== undefined && { annotations }) }));
      assert.deepEqual(definition.annotations, expected);
    });
});
