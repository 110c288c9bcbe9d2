import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { run } from '../../src/cli/run.js';
import { policyCase } from '../support/policyCase.js';
import { fakeTerminal } from './fakeTerminal.js';

describe('cli/policy test', () => {
  let cwd: string;
  let server: Server;
  let url: string;
  let asked: string[];

  beforeEach(async () => {
    cwd = await mkdtemp(join(tmpdir(), 'sluice-cases-'));
    asked = [];
    // Answers as a server of policies does; real ones are in test/services/opa.
    server = createServer((request, response) => {
      asked.push(request.url ?? '');
      void json(request).then((body) => {
        const { input } = body as { input: ReturnType<typeof policyCase> };
        const allow = input.tool.own === 'get';
        const result = allow ? { allow, obligations: { per_minute: 5 } } : { allow, reason: 'not here' };
        response.end(JSON.stringify(input.tool.own === 'odd' ? { result: 'what' } : { result }));
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(async () => {
    server.close();
    server.closeAllConnections();
    await rm(cwd, { recursive: true });
  });

  const test = async (lines: readonly unknown[], args: readonly string[] = ['--url', url]) => {
    const text = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line)));
    await writeFile(join(cwd, 'cases.ndjson'), text.join('\n'));
    const terminal = fakeTerminal({ cwd });
    const code = await run(['policy', 'test', 'cases.ndjson', ...args], terminal);
    return { code, out: terminal.out, err: terminal.err };
  };

  it('shows what the policy says of each', async () => {
    const { code, out, err } = await test([policyCase('get'), '', policyCase('refund')]);
    assert.equal(code, 0, err);
    assert.deepEqual(
      out.split('\n').map((row) => row.split(/ {2,}/)),
      [
        ['LINE', 'TOOL', 'WHO', 'DECISION', 'EXPECTED', 'REASON'],
        ['cases.ndjson:1', 'orders_get', 'ann', 'allow +per_minute'],
        ['cases.ndjson:3', 'orders_refund', 'ann', 'deny', 'not here'],
        [''],
      ],
    );
    assert.equal(err, '2 cases, all as expected\n');
    assert.deepEqual(asked, ['/v1/data/sluice/allow', '/v1/data/sluice/allow']);
  });

  const expectations: readonly [string, object, boolean][] = [
    ['refund', { allow: false }, true],
    ['refund', { allow: false, reason: 'not here' }, true],
    ['refund', { allow: false, reason: 'elsewhere' }, false],
    ['refund', { allow: true }, false],
    ['get', { allow: true, obligations: { per_minute: 5 } }, true],
    ['get', { allow: true, obligations: {} }, false],
  ];
  for (const [tool, expect, holds] of expectations)
    it(`${tool}: ${JSON.stringify(expect)} ${holds ? 'holds' : 'does not hold'}`, async () => {
      const { code, out, err } = await test([{ input: policyCase(tool), expect }]);
      assert.equal(code, holds ? 0 : 1);
      assert.match(out, holds ? / yes/ : / NO: (allow|deny)/);
      assert.match(err, holds ? /all as expected/ : /1 of 1 case not as expected/);
    });

  it('one that could not be decided is never as expected', async () => {
    const { code, out } = await test([{ input: policyCase('odd'), expect: { allow: false } }]);
    assert.equal(code, 1);
    assert.match(out, /failed +NO: deny +The answer is neither a boolean/);
  });

  it('--json prints a line a case, and --path asks for another decision', async () => {
    const lines = ['{', { input: policyCase('get'), expect: { allow: false } }];
    const { code, out } = await test(lines, ['--url', url, '--json', '--path', 'orders/may']);
    assert.equal(code, 1);
    const [bad, found] = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    assert.equal(bad?.['at'], 'cases.ndjson:1');
    assert.match(String(bad['error']), /no JSON/);
    assert.deepEqual(found, {
      at: 'cases.ndjson:2',
      allow: true,
      obligations: { per_minute: 5 },
      policy: 'gateway:orders/may',
      method: 'tools/call',
      tool: 'orders_get',
      who: 'ann',
      expect: { allow: false },
      as_expected: false,
    });
    assert.deepEqual(asked, ['/v1/data/orders/may']);
  });

  const { time: _time, ...untimed } = policyCase('get');
  const bad: readonly [string, unknown, RegExp][] = [
    ['no JSON', '{"version":', /cases\.ndjson:2: It is no JSON/],
    ['no object', 7, /cases\.ndjson:2: `input` must be object/],
    ['no time', untimed, /cases\.ndjson:2: `input` must have required property 'time'/],
    [
      'another version',
      { ...policyCase('get'), version: 2 },
      /`input\.version` must be equal to constant: 1/,
    ],
    ['no expectation', { input: policyCase('get'), expect: {} }, /`expect` must NOT have fewer than 1/],
    [
      'an unknown one',
      { input: policyCase('get'), expect: { alow: true } },
      /`expect` must NOT have additional properties: "alow"/,
    ],
    ['too deep', '['.repeat(600), /nests deeper than 512/],
    ['too long', `"${'x'.repeat(4 * 1024 * 1024)}"`, /longer than 4 MiB/],
  ];
  for (const [what, line, message] of bad)
    it(`a line with ${what} is named, and the others are tried`, async () => {
      const { code, out, err } = await test([policyCase('get'), line, policyCase('refund')]);
      assert.equal(code, 1);
      assert.match(err, message);
      assert.match(err, /0 of 2 cases not as expected, 1 line unreadable/);
      assert.match(out, /cases\.ndjson:3 +orders_refund/);
    });

  it('reads stdin, and explains a file that is not there or holds nothing', async () => {
    const terminal = fakeTerminal({ cwd, stdin: `${JSON.stringify(policyCase('get'))}\r\n` });
    assert.equal(await run(['policy', 'test', '-', '--url', url], terminal), 0, terminal.err);
    assert.match(terminal.out, /stdin:1 +orders_get/);
    const missing = fakeTerminal({ cwd });
    assert.equal(await run(['policy', 'test', 'no.ndjson', '--url', url], missing), 1);
    assert.match(missing.err, /There is no file no\.ndjson/);
    assert.match((await test([])).err, /There are no cases/);
  });

  it('asks the policies of a configuration, also those of its servers', async () => {
    await writeFile(
      join(cwd, 'gateway.yaml'),
      `opa: { url: '${url}' }\nservers: { orders: { url: 'http://127.0.0.1:1', opa: { path: orders/own } } }\n`,
    );
    const { code, err } = await test([policyCase('get')], []);
    assert.equal(code, 0, err);
    assert.deepEqual(asked.sort(), ['/v1/data/orders/own', '/v1/data/sluice/allow']);
    asked = [];
    await test([policyCase('get')], ['-c', 'gateway.yaml', '--path', 'a/b']);
    assert.deepEqual(asked, ['/v1/data/a/b']);
  });

  it('explains what is wrong with the policy, and with the flags', async () => {
    await writeFile(join(cwd, 'gateway.yaml'), `servers: { orders: { url: 'http://127.0.0.1:1' } }\n`);
    const none = await test([policyCase('get')], []);
    assert.equal(none.code, 2);
    assert.match(none.err, /gateway\.yaml has no policy\n {2}Add `opa:/);
    const broken = await test([policyCase('get')], ['--bundle', 'cases.ndjson']);
    assert.equal(broken.code, 1);
    assert.match(broken.err, /The policy can not be used\n {2}\S/);
    const two = await test([], ['--bundle', 'x', '--url', url]);
    assert.deepEqual([two.code, /cannot be used with/.test(two.err)], [2, true]);
    const wrong = await test([], ['--url', 'what']);
    assert.equal(wrong.code, 2, wrong.err);
    assert.ok(!wrong.err.includes('flags:'), wrong.err);
  });
});
