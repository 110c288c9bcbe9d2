import assert from 'node:assert/strict';
import { uriForms } from '../../src/protocol/uriForms.js';
import { uriPatterns } from '../../src/protocol/uriPatterns.js';

describe('protocol/uriForms', () => {
  const refused: [string, string][] = [
    ['no scheme', '/etc/passwd'],
    ['dot segments', 'file:///shared/../etc/passwd'],
    ['a dot segment at the end', 'file:///shared/..'],
    ['a single dot', 'file:///shared/./x'],
    ['dot segments, escaped', 'file:///shared/%2e%2E/etc'],
    ['dot segments behind an escaped slash', 'file:///shared/..%2fetc'],
    ['an escape within an escape', 'file:///shared/%252e%252e/etc'],
    ['an escaped backslash', 'file:///shared/..%5cetc'],
    ['a backslash', 'file:///shared\\..\\etc'],
    ['the parameter of a servlet', 'file:///shared/..;x/etc'],
    ['dots that are wide letters', 'file:///shared/\uFF0E\uFF0E/etc'],
    ['an opaque path that climbs', 'db:../x'],
    ['a null byte', 'file:///shared/x%00.txt'],
    ['a line break', 'file:///shared/x%0d%0a'],
    ['an invisible character', 'file:///shared/\u200bx'],
    ['half a character', 'file:///shared/\ud800'],
    ['no UTF-8', 'file:///shared/%ff'],
    ['a lone %', 'file:///shared/100%'],
    ['too long a text', `file:///${'x'.repeat(4096)}`],
  ];
  for (const [what, uri] of refused)
    it(`refuses ${what}`, () => {
      assert.equal(uriForms(uri), undefined);
      const { uri: verdicts } = uriPatterns(undefined, []);
      assert.deepEqual([verdicts.allows(uri), verdicts.denies(uri)], [false, true]);
    });

  const same: [string, string, string][] = [
    ['scheme and host have no case', 'FILE://Host/X', 'file://host/X'],
    ['what need not be escaped', 'file:///%73hared/%7Ex', 'file:///shared/~x'],
    ['escapes have no case', 'file:///a%3ab', 'file:///a%3Ab'],
    ['other alphabets', 'file:///ä', 'file:///%C3%A4'],
  ];
  for (const [what, one, other] of same)
    it(`finds equal: ${what}`, () => assert.deepEqual(uriForms(one), uriForms(other)));

  it('keeps a percent sign that is one', () =>
    assert.deepEqual(uriForms('doc:100%25'), { exact: 'doc:100%25', bare: 'doc:100%' }));
});

describe('protocol/uriPatterns', () => {
  const { uri, template } = uriPatterns(
    ['file:///shared/*', 'db://acme/*'],
    ['file:///shared/private/*', 'db://acme/secret'],
  );
  const may = (text: string): boolean => uri.allows(text) && !uri.denies(text);
  const verdicts: [string, boolean][] = [
    ['file:///shared/a/b.txt', true],
    ['File:///shared/a', true],
    ['DB://ACME/orders', true],
    ['file:///etc/passwd', false],
    ['file:///shared', false],
    ['file:///shared/private/x', false],
    ['file:///shared/%70rivate/x', false],
    ['file:///shared/private%2fx', false],
    ['file:///shared//private/x', false],
    // As it stands it is no path beneath `shared`, whatever a server makes of it.
    ['file:///shared%2Fa', false],
    ['db://acme/secret', false],
    ['db://acme/secret?x=1', false],
    ['db://acme/secret#x', false],
    ['db://other/x', false],
  ];
  for (const [text, expected] of verdicts)
    it(`${text}: ${expected ? 'allowed' : 'denied'}`, () => assert.equal(may(text), expected));

  const templates: [string, boolean][] = [
    ['file:///shared/{name}', true],
    ['FILE:///{+path}', true],
    ['file:///shared/private/{name}', false],
    ['file:///etc/{name}', false],
    ['db://{tenant}/x', true],
    ['other://{x}', false],
  ];
  for (const [text, expected] of templates)
    it(`template ${text}: ${expected ? 'shown' : 'hidden'}`, () =>
      assert.equal(template.allows(text) && !template.denies(text), expected));
});
