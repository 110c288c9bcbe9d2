import assert from 'node:assert/strict';
import { contentText } from '../../src/cli/contentText.js';

const cases: [string, Record<string, unknown>, string][] = [
  ['text as it is', { type: 'text', text: 'a\nb\n' }, 'a\nb\n'],
  ['an image', { type: 'image', mimeType: 'image/png', data: 'AAAA' }, '[image image/png, 3 bytes]\n'],
  [
    'a large sound',
    { type: 'audio', mimeType: 'audio/wav', data: 'A'.repeat(4096) },
    '[audio audio/wav, 3.0 KiB]\n',
  ],
  ['a link', { type: 'resource_link', uri: 'file:///a', name: 'a' }, '[link file:///a a]\n'],
  [
    'a text resource',
    { type: 'resource', resource: { uri: 'x:1', mimeType: 'text/plain', text: 'hello' } },
    '[resource x:1 text/plain]\nhello\n',
  ],
  [
    'a binary resource',
    { type: 'resource', resource: { uri: 'x:1', blob: 'AAAA' } },
    '[resource x:1, 3 bytes]\n',
  ],
  ['what nobody knows', { type: 'hologram', depth: 3 }, '{"type":"hologram","depth":3}\n'],
];

describe('cli/contentText', () => {
  for (const [name, block, expected] of cases)
    it(`shows ${name}`, () => assert.equal(contentText({ content: [block] }), expected));

  it('shows structured content only where there is no content', () => {
    assert.equal(contentText({ content: [], structuredContent: { a: 1 } }), '{\n  "a": 1\n}\n');
    assert.equal(contentText({ content: [{ type: 'text', text: 't' }], structuredContent: { a: 1 } }), 't\n');
  });

  it('survives a result that is not what it should be', () => {
    assert.equal(contentText({}), '');
    assert.equal(contentText({ content: ['x', { type: 'resource' }] }), '"x"\n[resource without content]\n');
  });
});
