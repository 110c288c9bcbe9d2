import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ConfigError } from '../../src/config/configError.js';
import { expandEnv } from '../../src/config/expandEnv.js';
import { faults, load } from './data/read.js';

describe('config: the environment', () => {
  const env = { A: 'x', EMPTY: '', TRAP: '${A}', 'NOT-A-NAME': 'n' };
  const expansions: [string, string][] = [
    ['plain $A $', 'plain $A $'],
    ['${A}', 'x'],
    ['a${A}b${A}', 'axbx'],
    ['${EMPTY}', ''],
    ['${EMPTY:-d}', 'd'],
    ['${NONE:-}', ''],
    ['${NONE:-a b:c}', 'a b:c'],
    ['$${A}', '${A}'],
    ['$${A} ${A}', '${A} x'],
    ['${TRAP}', '${A}'],
  ];
  for (const [source, text] of expansions)
    it(`${source} → ${JSON.stringify(text)}`, () => {
      const expansion = expandEnv(source, env);
      assert.equal(expansion.text, text);
      assert.deepEqual(expansion.failures, []);
    });

  for (const source of ['${NONE}', '${', '${}', '${NOT-A-NAME}', '${A:-${A}}', '${toString}', '${__proto__}'])
    it(`${source} is refused`, () => assert.equal(expandEnv(source, env).failures.length, 1));

  it('gives numbers and booleans where the schema wants them, and text where it wants text', () => {
    const settings = load(
      `
listen: { port: "\${PORT}" }
admin:
  port: \${ADMIN:-9}
drain_timeout: \${DRAIN}
http: { max_body: "\${SIZE}" }
servers:
  a: { url: http://h, auth_required: "\${AUTH}", headers: { x: "\${PORT}" } }
  b: { type: stdio, command: "\${PORT}" }`,
      { PORT: '0', DRAIN: '5', SIZE: '1024', AUTH: 'true' },
    );
    assert.equal(settings.listen.port, 0);
    assert.equal(settings.admin.port, 9);
    assert.equal(settings.drainTimeoutMs, 5000);
    assert.equal(settings.http.maxBodyBytes, 1024);
    const [a, b] = settings.servers;
    assert.equal(a?.type === 'mcp' && a.headers['x'], '0');
    assert.equal(b?.type === 'stdio' && b.command, '0');
    assert.deepEqual(
      settings.inactive.map(({ path }) => path),
      ['servers.a.auth_required'],
    );
  });

  it('takes only what was a reference and nothing else for a number', () => {
    assert.equal(faults('page_size: "5"').length, 1);
    assert.equal(faults('page_size: "1${N}"', { N: '0' }).length, 1);
    assert.equal(faults('page_size: "${N}"', { N: 'ten' }).length, 1);
  });

  it('can not become structure', () => {
    const value = '"}\n  evil: { url: http://evil }\nlisten: { host: 0.0.0.0 }';
    const { servers } = load('servers:\n  a: { type: stdio, command: run, args: ["${V}"] }', { V: value });
    assert.deepEqual(
      servers.map(({ name }) => name),
      ['a'],
    );
    assert.deepEqual(servers[0]?.type === 'stdio' && servers[0].args, [value]);
  });

  it('does not show what a variable holds, nor what it resembles', () => {
    const env = { S: 'serach', U: 'http://u:p4ss@h', L: 'inof' };
    const text =
      'servers: { search: { url: "${U}" } }\nnamespaces: { n: { servers: ["${S}"] } }\nlog: { level: "${L}" }';
    assert.deepEqual(
      faults(text, env).map((line) => line.replace(/^g.yaml:/, '').slice(0, 60)),
      [
        '1:27: `servers.search.url` must be an http:// or https:// UR',
        '2:30: This value is no server of this file. Add it under `se',
        '3:15: `log.level` must be one of `fatal`, `error`, `warn`, `',
      ],
    );
    assert.doesNotMatch(faults(text, env).join(), /serach|p4ss|inof|Did you mean/);
  });

  it('whatever a document and a variable hold: settings or ConfigError, and the value stays secret', () => {
    const places = [
      'servers: { a: { url: "V" } }',
      'servers: { a: { url: http://h, headers: { x: "V" }, timeout: "V", type: "V" } }',
      'servers: { a: { type: rest, url: http://h, tools: { t: { path: "V", input_schema: { type: "V" } } } } }',
      'servers: { a: { type: stdio, command: "V", args: ["V"], env: { A: "V" }, cwd: "V", prefix: "V" } }',
      'listen: { host: "V", port: "V", path: "V" }\nnaming: { separator: "V" }',
      'namespaces: { n: { servers: ["V", "V"], prefixed: "V", tools: "V" } }',
      'blocked_tools: ["V"]\npage_size: "V"\nworkers: "V"\nlog: "V"\nservers: "V"',
      '"V"',
    ];
    const value = fc.oneof(
      fc.string(),
      fc.string({ unit: 'binary' }),
      fc.constantFrom('${V}', '0', 'true', '-1', '1e9', '__proto__', '/', '{}', 'http://u:p@h', 'a\r\nb: c'),
    );
    const form = fc.constantFrom('${V}', 'a${V}', '${V:-d}', '${V}${W:-}', '$${V}', '${V', '${W}');
    fc.assert(
      fc.property(fc.constantFrom(...places), form, value, (place, reference, secret) => {
        const marked = `s3cr3t${secret}`;
        try {
          load(place.replaceAll('V', reference), { V: marked });
        } catch (error) {
          assert.ok(error instanceof ConfigError, String(error));
          assert.ok(!error.message.includes('s3cr3t'), error.message);
          assert.ok(!JSON.stringify(error.diagnostics).includes('s3cr3t'));
        }
        try {
          load(place.replaceAll('V', reference), { V: secret });
        } catch (error) {
          assert.ok(error instanceof ConfigError, String(error));
        }
      }),
      { numRuns: 200 },
    );
  });

  it('whatever text a file holds: settings or ConfigError', () => {
    const piece = fc.constantFrom(
      ...[
        'servers',
        'listen',
        'namespaces',
        'auth',
        'a',
        '__proto__',
        'constructor',
        'url',
        ': ',
        '\n',
        '  ',
      ],
      ...[
        '{',
        '}',
        '[',
        ']',
        ',',
        '&x ',
        '*x',
        '!t ',
        '"',
        "'",
        '|',
        '>',
        '-',
        '? ',
        '${A}',
        '$${',
        '~',
        '1',
        '.inf',
        '#',
      ],
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        try {
          load(pieces.join(''), { A: 'x' });
        } catch (error) {
          assert.ok(error instanceof ConfigError, `${JSON.stringify(pieces.join(''))}: ${String(error)}`);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
