import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { ConfigError } from '../../src/config/configError.js';
import { loadSettings } from '../../src/config/load.js';
import type { Settings } from '../../src/config/settings.js';

const [a, b] = [randomBytes(32), randomBytes(48)];
const hex = (key: Buffer): string => key.toString('hex');
const keysOf = ({ state }: Settings): string[] =>
  state.keys.map((key) => Buffer.from(key.reveal()).toString('hex'));

describe('config: keys of what clients hold', () => {
  let folder: string;
  before(() => void (folder = mkdtempSync(join(tmpdir(), 'sluice-keys-'))));
  after(() => rmSync(folder, { recursive: true }));

  const load = (state: string, env: Readonly<Record<string, string>> = {}): Settings =>
    loadSettings(`state: ${state}\nservers: { a: { url: http://h } }\n`, {
      file: 'g.yaml',
      env,
      baseDir: folder,
    });
  const refusedFor = (state: string, env: Readonly<Record<string, string>> = {}): string => {
    try {
      load(state, env);
    } catch (error) {
      if (error instanceof ConfigError)
        return error.diagnostics
          .map(({ line, path, message, remedy }) => `${line} ${path} ${message} ${remedy}`)
          .join();
      throw error;
    }
    return assert.fail(`accepted: ${state}`);
  };

  it('are none unless given, and answers may take five minutes', () => {
    assert.deepEqual(load('{}').state, { keys: [], ttlMs: 300_000 });
    assert.equal(load('{ ttl: 30s }').state.ttlMs, 30_000);
  });

  const spellings: [string, string][] = [
    ['hex', hex(a)],
    ['hex in capitals', hex(a).toUpperCase()],
    ['base64', a.toString('base64')],
    ['base64url', a.toString('base64url')],
    ['base64url with padding', `${a.toString('base64url')}=`],
    ['text with white space around it', ` ${a.toString('base64')}\n`],
  ];
  for (const [name, text] of spellings)
    it(`are read as ${name}`, () =>
      assert.deepEqual(keysOf(load('{ keys: ["${K}"] }', { K: text })), [hex(a)]));

  it('come in the order of the file, the empty ones left out', () => {
    const text = '{ keys: ["${NEW}", "${OLD:-}", ""] }';
    assert.deepEqual(keysOf(load(text, { NEW: hex(a), OLD: hex(b) })), [hex(a), hex(b)]);
    assert.deepEqual(keysOf(load(text, { NEW: hex(a) })), [hex(a)]);
    assert.deepEqual(keysOf(load('{ keys: ["${OLD:-}"] }')), []);
  });

  it('come from a file: a line each, without comments', () => {
    writeFileSync(join(folder, 'keys'), `# newest\n${hex(b)}\n\n  ${a.toString('base64')}\n`);
    const settings = load('{ keys_file: ./keys }');
    assert.deepEqual(keysOf(settings), [hex(b), hex(a)]);
    assert.deepEqual(settings.files, [join(folder, 'keys')]);
  });

  const bad: [string, string][] = [
    ['31 bytes', randomBytes(31).toString('hex')],
    ['a word', 'changeme'],
    ['a sentence', 'this is a secret that nobody knows of, is it'],
    ['a digit too many', `${a.toString('base64url')}AA`],
    ['both alphabets of base64', `+_${'A'.repeat(42)}`],
    ['far too much', randomBytes(1025).toString('hex')],
  ];
  for (const [name, text] of bad)
    it(`refuses ${name}, without a word of it`, () => {
      const said = refusedFor('{ keys: ["${K}", ""] }', { K: text });
      assert.match(said, /^1 state\.keys\[?\.?0\]? .*at least 32 bytes.*openssl rand/);
      assert.ok(!said.includes(text));
      assert.ok(!refusedFor(`{ keys: ["${text}"] }`).includes(text));
      writeFileSync(join(folder, 'bad'), `${hex(a)}\n${text}`);
      const ofFile = refusedFor('{ keys_file: bad }');
      assert.match(ofFile, /state\.keys_file Key 2 is no secret/);
      assert.ok(!ofFile.includes(text));
    });

  it('refuses files that are not there, no files, empty, or beside keys', () => {
    assert.match(refusedFor('{ keys_file: none }'), /does not exist/);
    assert.match(refusedFor('{ keys_file: . }'), /no regular file/);
    writeFileSync(join(folder, 'empty'), '# to come\n\n');
    assert.match(refusedFor('{ keys_file: empty }'), /holds no key/);
    writeFileSync(join(folder, 'long'), `#${'x'.repeat(1_100_000)}`);
    assert.match(refusedFor('{ keys_file: long }'), /longer than/);
    assert.match(refusedFor(`{ keys_file: empty, keys: ["${hex(a)}"] }`), /both `keys` and `keys_file`/);
    assert.match(
      refusedFor(
        `{ keys: [${Array(17)
          .fill(`"${hex(a)}"`)
          .join()}] }`,
      ),
      /more than 16/,
    );
  });

  it('are shown by nothing that prints settings', () => {
    const settings = load('{ keys: ["${K}"] }', { K: hex(a) });
    const shown = [JSON.stringify(settings), inspect(settings, { depth: 9 }), String(settings.state.keys[0])];
    for (const text of shown) {
      assert.match(text, /\[redacted\]/);
      assert.ok(!text.includes(hex(a)) && !text.includes(String([...a].slice(0, 4))));
    }
  });
});
