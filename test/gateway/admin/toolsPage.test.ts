import assert from 'node:assert/strict';
import { toolsPage } from '../../../src/gateway/admin/inside/toolsPage.js';
import type { ToolsQuestion } from '../../../src/gateway/admin/questions.js';
import { serverOffering } from '../../../src/testing/serverOffering.js';
import { catalogOf, tool } from '../../operators/scenarios.js';

const all = Array.from({ length: 10_000 }, (_, index) => ({
  ...tool(`tool_${String(index).padStart(5, '0')}`),
  description: `Does <b>thing</b> ${index}\nand more`,
}));

describe('gateway/admin/toolsPage', () => {
  const catalog = catalogOf(
    serverOffering('many', {
      tools: all,
      held: [{ kind: 'tools', name: 'tool_held', why: 'changed', fields: [] }],
    }),
  );
  const view = catalog.whole() ?? assert.fail();
  const page = (question: Partial<ToolsQuestion> = {}) =>
    toolsPage(
      catalog,
      view,
      { tenant: undefined, search: '', server: undefined, after: '', limit: 500, ...question },
      '_',
    );

  it('gives ten thousand tools page by page, each once, with those that are held back', () => {
    const seen: string[] = [];
    let asked = 0;
    for (let after: string | undefined = ''; after !== undefined; asked++) {
      const { tools, total, more } = page({ after });
      assert.equal(total, 10_001);
      seen.push(...tools.map(({ name }) => name));
      after = more ? tools.at(-1)?.name : undefined;
    }
    assert.equal(asked, 21);
    assert.deepEqual(seen, [...new Set(seen)].sort());
    assert.equal(seen.length, 10_001);
  });

  it('finds by words of name and description, in any case', () => {
    assert.deepEqual(
      page({ search: 'THING 9999' }).tools.map(({ name }) => name),
      ['many_tool_09999'],
    );
    assert.equal(page({ search: 'nothing like it' }).total, 0);
    assert.equal(page({ server: 'another' }).total, 0);
  });

  it('shows the first line of what a tool says of itself as it is', () =>
    assert.equal(page({ limit: 1 }).tools[0]?.description, 'Does <b>thing</b> 0'));

  it('tells what is held back, and why, to who sees all', () => {
    assert.deepEqual(
      page({ search: 'held' }).tools.map(({ name, held_back: why }) => [name, why]),
      [['many_tool_held', 'changed']],
    );
  });
});
