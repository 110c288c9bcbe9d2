import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { CliError } from '../../src/cli/cliError.js';
import { readArguments } from '../../src/cli/readArguments.js';

const stdin = (text: string) => Readable.from([Buffer.from(text)]);

describe('cli/readArguments', () => {
  it('takes a JSON object', async () => {
    assert.deepEqual(await readArguments('{"a":[1]}', stdin('')), { a: [1] });
  });

  it('reads stdin for -, also when characters are torn apart', async () => {
    const bytes = Buffer.from('{"name":"Größe"}');
    const torn = Readable.from([bytes.subarray(0, 12), bytes.subarray(12)]);
    assert.deepEqual(await readArguments('-', torn), { name: 'Größe' });
  });

  const places: [string, string, string][] = [
    ['a wrong character', '{"a": x}', '{"a": x}\n      ^'],
    ['a later line', '{\n  "a": 1,\n  oops\n}', '  oops\n  ^'],
    ['an unexpected end', '{"a":', '{"a":\n     ^'],
  ];
  for (const [name, text, expected] of places)
    it(`shows the place of ${name}`, async () => {
      await assert.rejects(readArguments(text, stdin('')), (error: unknown) => {
        assert.ok(error instanceof CliError);
        assert.equal(error.exitCode, 2);
        assert.ok(error.remedy.join('\n').startsWith(expected), error.remedy.join('\n'));
        return true;
      });
    });

  it('refuses more than 4 MiB', async () => {
    const endless = Readable.from(
      (function* () {
        for (;;) yield Buffer.alloc(1024 * 1024, ' ');
      })(),
    );
    await assert.rejects(readArguments('-', endless), /larger than 4 MiB/);
  });
});
