import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { WebSocket } from 'ws';
import type { RecordedLine } from '../../src/protocol/recording/recordedLine.js';
import { headerOf, linesOf } from '../../src/replay/linesOf.js';
import { recordingFiles } from '../../src/replay/recordingFiles.js';
import { ask } from '../support/ask.js';
import { modernRequest } from '../support/modern.js';
import { openLegacySession } from '../support/openLegacySession.js';
import { startGateway, type RunningGateway } from '../support/startGateway.js';
import { startMcpBackend, type McpBackend } from '../support/startMcpBackend.js';

const schema = JSON.parse(
  readFileSync(new URL('../../schema/recording.schema.json', import.meta.url), 'utf8'),
) as object;
const isSound = new Ajv({ allErrors: true, allowUnionTypes: true }).compile(schema);

const nothing = { read: () => undefined, warn: (message: string) => assert.fail(message) };

describe('a recording of traffic', () => {
  let folder: string;
  let backend: McpBackend;
  let gateway: RunningGateway;

  before(async () => (backend = await startMcpBackend()));
  after(() => backend.close());
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'recording-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const start = async (more: string): Promise<void> => {
    gateway = await startGateway(`  back: { url: "${backend.url}" }\nrecord: { to: "${folder}"${more} }`);
  };

  /** Ends the gateway and reads what it has recorded; every line fits the schema. */
  const recorded = async (): Promise<readonly RecordedLine[]> => {
    await gateway.close();
    const lines: RecordedLine[] = [];
    for (const file of await recordingFiles([folder])) {
      assert.ok(isSound(await headerOf(file)), JSON.stringify(isSound.errors));
      for await (const line of linesOf(file, nothing)) {
        assert.ok(isSound(line), `${JSON.stringify(line)}: ${JSON.stringify(isSound.errors)}`);
        lines.push(line);
      }
    }
    return lines;
  };

  const of = <K extends RecordedLine['kind']>(lines: readonly RecordedLine[], kind: K) =>
    lines.filter((line): line is Extract<RecordedLine, { kind: K }> => line.kind === kind);

  it('has calls of both eras with their answers, in the order they came', async () => {
    await start('');
    const session = await openLegacySession(gateway.port);
    await session.call('back_echo', { n: 1 });
    await session.call('nowhere', {});
    await ask(gateway.port, modernRequest('tools/call', { name: 'back_echo', arguments: { n: 2 } }));
    await session.end();
    const lines = await recorded();
    const calls = of(lines, 'call');
    assert.deepEqual(
      calls.map(({ method, revision }) => [method, revision]),
      [
        ['initialize', '2025-11-25'],
        ['notifications/initialized', '2025-11-25'],
        ['tools/call', '2025-11-25'],
        ['tools/call', '2025-11-25'],
        ['tools/call', '2026-07-28'],
        ['$/end', '2025-11-25'],
      ],
    );
    assert.deepEqual(calls[2]?.params, { name: 'back_echo', arguments: { n: 1 } });
    const lanes = calls.map(({ lane }) => lane);
    assert.equal(new Set(lanes).size, 2);
    assert.match(lanes[0] ?? '', /^s:/);
    assert.match(lanes[4] ?? '', /^u:/);
    const answers = of(lines, 'answer');
    const answer = (n: number) => answers.find((line) => line.n === n);
    assert.deepEqual(answer(3)?.result, { content: [{ type: 'text', text: '{"n":1}' }] });
    assert.equal(answer(4)?.error?.code, -32602);
    assert.equal(answer(5)?.result?.['resultType'], 'complete');
    assert.deepEqual(
      of(lines, 'end').map(({ outcome }) => outcome),
      ['success', 'success', 'success', 'not_found', 'success', 'success'],
    );
    assert.ok(lines.every(({ t }, index) => index === 0 || t >= (lines[index - 1]?.t ?? 0)));
  });

  it('has progress with its time, and nothing of a session that would let anybody in', async () => {
    await start('');
    const session = await openLegacySession(gateway.port);
    const answered = ask(
      gateway.port,
      session.request('tools/call', { name: 'back_hang', arguments: {}, _meta: { progressToken: 'p' } }),
    );
    const call = await backend.nextCall('hang');
    const { progressToken } = call.meta;
    call.notify('notifications/progress', { progressToken, progress: 1 });
    call.notify('notifications/progress', { progressToken, progress: 2 });
    call.reply({ content: [] });
    await answered;
    const lines = await recorded();
    assert.deepEqual(
      of(lines, 'notification').map(({ params }) => params),
      [1, 2].map((progress) => ({ progress, progressToken: 'p' })),
    );
    assert.ok(!JSON.stringify(lines).includes(session.id));
  });

  it('keeps the messages of a connection together', async () => {
    await start('');
    for (const n of [1, 2]) {
      const socket = new WebSocket(`ws://127.0.0.1:${gateway.port}/mcp`, 'mcp');
      await once(socket, 'open');
      socket.send(JSON.stringify(modernRequest('tools/call', { name: 'back_echo', arguments: { n } }).body));
      await once(socket, 'message');
      socket.close();
      await once(socket, 'close');
    }
    const calls = of(await recorded(), 'call');
    assert.deepEqual(
      calls.map(({ lane, transport }) => [lane, transport]),
      [
        ['c:1', 'websocket'],
        ['c:2', 'websocket'],
      ],
    );
  });

  it('is without what rules find, whatever they are for', async () => {
    await start(
      `, redact: [{ name: pins, patterns: ['pin-[0-9]+'] }, { name: no, patterns: ['never'], action: refuse }] }
redact: { rules: [{ name: mails, detect: [email], tools: [other_tool], direction: results }]`,
    );
    const session = await openLegacySession(gateway.port);
    const said = await session.call('back_echo', { a: 'pin-4711', b: 'ann@example.com' });
    assert.match(said.result?.content?.[0]?.text ?? '', /pin-4711.*ann@example\.com/);
    await session.call('back_echo', { a: 'never' });
    const lines = await recorded();
    const text = JSON.stringify(lines);
    assert.doesNotMatch(text, /4711|ann@example|never/);
    const [first, second] = of(lines, 'call').filter(({ method }) => method === 'tools/call');
    assert.ok(first && second);
    assert.deepEqual(first.params, {
      name: 'back_echo',
      arguments: { a: '[redacted:pins]', b: '[redacted:email]' },
    });
    assert.equal(first.redacted, true);
    assert.equal(second.withheld, true);
    assert.equal(second.params, undefined);
  });

  it('has whole sessions, or nothing of them', async () => {
    await start(', sample: 0.5');
    for (let index = 0; index < 40; index++) {
      const session = await openLegacySession(gateway.port);
      await session.call('back_echo', {});
      await session.end();
    }
    const calls = of(await recorded(), 'call');
    const lanes = new Set(calls.map(({ lane }) => lane));
    assert.ok(lanes.size > 2 && lanes.size < 38, `${lanes.size} of 40`);
    for (const one of lanes)
      assert.deepEqual(
        calls.filter(({ lane }) => lane === one).map(({ method }) => method),
        ['initialize', 'notifications/initialized', 'tools/call', '$/end'],
        one,
      );
  });

  it('goes on in another file when one is full, and the oldest goes', async () => {
    await start(', max_size: 1, keep: 1');
    const session = await openLegacySession(gateway.port);
    for (let part = 1; part <= 2; part++) {
      await session.call('back_echo', { part });
      const name = new RegExp(`-p000${part}\\.ndjson`);
      while (!(await readdir(folder)).some((file) => name.test(file))) await session.call('back_echo', {});
    }
    await gateway.close();
    const files = (await readdir(folder)).sort();
    assert.equal(files.length, 1, files.join());
    assert.doesNotMatch(files[0] ?? '', /-p0001\.ndjson/);
  });
});
