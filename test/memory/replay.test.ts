import assert from 'node:assert/strict';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { RecordedLine } from '../../src/protocol/recording/recordedLine.js';
import { Player } from '../../src/replay/player.js';
import { Tally } from '../../src/replay/tally.js';
import type { Wire } from '../../src/replay/wires/wire.js';

const MiB = 1024 * 1024;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const heapUsed = (): number => {
  collect();
  return process.memoryUsage().heapUsed;
};

/** Answers at once what was recorded. */
const wire: Wire = {
  send({ message }, hearer) {
    const { id } = message;
    if (id === undefined) hearer.ended({ status: 202 });
    else hearer.ended({ status: 200, response: { jsonrpc: '2.0', id, result: { nextCursor: `at ${id}` } } });
    return () => undefined;
  },
  reply: () => undefined,
  close: () => Promise.resolve(),
};

/** One session after another, each of a call, an answer with a cursor, and an end. */
const sessions = function* (from: number, to: number): Generator<RecordedLine> {
  for (let index = from; index < to; index++) {
    const of = { lane: `s:${index}`, transport: 'http', revision: '2025-06-18' } as const;
    const [first, second, last] = [3 * index + 1, 3 * index + 2, 3 * index + 3];
    yield { kind: 'call', t: index, n: first, ...of, id: 0, method: 'initialize', params: {} };
    yield { kind: 'answer', t: index, n: first, result: { nextCursor: '~a' } };
    yield { kind: 'end', t: index, n: first, outcome: 'success' };
    const params = { name: `tool ${index % 1000}`, arguments: { index } };
    yield { kind: 'call', t: index, n: second, ...of, id: 1, method: 'tools/call', params };
    yield { kind: 'notification', t: index, n: second, method: 'notifications/progress', params: { index } };
    yield { kind: 'answer', t: index, n: second, result: { nextCursor: `~${index}`, differs: index } };
    yield { kind: 'end', t: index, n: second, outcome: 'success' };
    yield { kind: 'call', t: index, n: last, ...of, method: '$/end' };
    yield { kind: 'end', t: index, n: last, outcome: 'success' };
  }
};

describe('a long replay', function () {
  this.timeout(60_000);

  it('needs no more memory than a short one', async () => {
    const tally = new Tally();
    const player = new Player({
      tally,
      ignoring: (value) => value,
      timeoutMs: 1000,
      maxLanes: 1000,
      isTimed: false,
      joinsLate: false,
      wireFor: () => wire,
      changed: () => undefined,
    });
    const play = async (from: number, to: number): Promise<number> => {
      for (const line of sessions(from, to)) {
        player.take(line, performance.now());
        // Sessions end in turns to come.
        if (line.kind === 'end') await Promise.resolve();
      }
      assert.equal(player.open, 0);
      return heapUsed();
    };
    const before = await play(0, 3000);
    const after = await play(3000, 12_000);
    assert.equal(tally.calls, 36_000);
    assert.equal(tally.different, 12_000);
    assert.ok(tally.byName.size <= 501, `${tally.byName.size} names`);
    assert.ok(after - before < 4 * MiB, `the heap grew by ${(after - before) / MiB} MiB`);
  });
});
