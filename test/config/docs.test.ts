import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { generated } from '../../scripts/docs.js';
import { data, load } from './data/read.js';

const root = new URL('../../', import.meta.url);

describe('config: what is published about it', () => {
  for (const [path, content] of generated())
    it(`${path} is current (npm run docs)`, () =>
      assert.equal(readFileSync(new URL(path, root), 'utf8'), content));

  for (const page of ['configuration', 'resilience'])
    it(`the examples of docs/${page}.md are accepted`, () => {
      const docs = readFileSync(new URL(`docs/${page}.md`, root), 'utf8');
      const blocks = [...docs.matchAll(/```yaml\n(.*?)```/gs)].map(([, block = '']) => block);
      assert.ok(blocks.length > 0);
      for (const block of blocks) assert.ok(load(block, { ORDERS_TOKEN: 'tok' }).servers.length > 0);
    });

  it('the published schema is one an editor can use: plain JSON, and it accepts what we accept', () => {
    const schema: unknown = JSON.parse(readFileSync(new URL('schema/sluice.schema.json', root), 'utf8'));
    // As an editor would: our own formats are not known to it.
    const check = new Ajv({ strict: false, validateFormats: false }).compile(schema as object);
    for (const name of ['servers.yaml', 'failover.yaml', 'access.yaml', 'ours.yaml'])
      assert.ok(check(parse(data(name))), `${name}: ${JSON.stringify(check.errors)}`);
    assert.ok(!check({ servres: {} }));
  });

  it('every key has a description', () => {
    const bare: string[] = [];
    const visit = (part: Record<string, unknown>, path: string): void => {
      const properties = (part['properties'] ?? {}) as Record<string, Record<string, unknown>>;
      for (const [key, child] of Object.entries(properties)) {
        if (typeof child['description'] !== 'string') bare.push(`${path}.${key}`);
        visit(child, `${path}.${key}`);
      }
      const inner = [
        part['items'],
        ...Object.values((part['patternProperties'] ?? {}) as Record<string, unknown>),
        ...((part['anyOf'] ?? []) as unknown[]),
      ];
      for (const child of inner)
        if (typeof child === 'object' && child !== null) visit(child as Record<string, unknown>, path);
    };
    visit(
      JSON.parse(readFileSync(new URL('schema/sluice.schema.json', root), 'utf8')) as Record<string, unknown>,
      '',
    );
    assert.deepEqual(bare, []);
  });
});
