import assert from 'node:assert/strict';
import { changeOpaque } from '../../../src/protocol/recording/changeOpaque.js';

describe('protocol/recording/changeOpaque', () => {
  const page = {
    mode: 'url',
    url: 'https://gateway.example/connect/x',
    elicitationId: 'e',
    message: 'Visit',
  };
  const hidden = { ...page, url: '~', elicitationId: '~' };

  for (const [what, value, expected] of [
    ['a cursor', { cursor: 'c' }, { cursor: '~' }],
    ['the next cursor', { nextCursor: 'c', tools: [] }, { nextCursor: '~', tools: [] }],
    ['a task', { task: { taskId: 't', status: 'working' } }, { task: { taskId: '~', status: 'working' } }],
    ['tasks', { tasks: [{ taskId: 't' }] }, { tasks: [{ taskId: '~' }] }],
    [
      'the task that a message belongs to',
      { _meta: { 'io.modelcontextprotocol/related-task': { taskId: 't' } } },
      { _meta: { 'io.modelcontextprotocol/related-task': { taskId: '~' } } },
    ],
    [
      'the state of a call',
      { requestState: 's', inputResponses: {} },
      { requestState: '~', inputResponses: {} },
    ],
    ['a page to visit', page, hidden],
    [
      'pages in an error',
      { code: -32042, message: 'Visit', data: { elicitations: [page], cursor: 'kept' } },
      { code: -32042, message: 'Visit', data: { elicitations: [hidden], cursor: 'kept' } },
    ],
    [
      'pages that a result asks for',
      { inputRequests: { task: { method: 'elicitation/create', params: page } } },
      { inputRequests: { task: { method: 'elicitation/create', params: hidden } } },
    ],
  ] as const)
    it(`finds ${what}`, () =>
      assert.deepEqual(
        changeOpaque<unknown>(value, () => '~'),
        expected,
      ));

  it('leaves alone what tools and people write: the same object comes back', () => {
    for (const value of [
      { name: 'x', arguments: { cursor: 'c', taskId: 't', url: 'u', mode: 'url', params: { cursor: 'c' } } },
      { content: [{ type: 'text', text: 'cursor' }], structuredContent: { nextCursor: 'c' } },
      { level: 'info', data: { cursor: 'c' } },
      { mode: 'form', url: 'u' },
    ])
      assert.equal(
        changeOpaque(value, () => '~'),
        value,
      );
  });
});
