import assert from 'node:assert/strict';
import { faults, load } from './data/read.js';

const timesOf = (text: string) => load(text).servers.map(({ timeoutMs, times }) => [timeoutMs, times]);

describe('config: time limits', () => {
  it('come from the tool, the server or the top, the nearest first', () => {
    const { servers } = load(`
timeouts: { connect: 1s, first_byte: 4s, idle: 8s, total: 1m }
servers:
  a: { url: http://h }
  b:
    url: http://h
    timeouts: { connect: 2s, total: 30s }
    tools:
      slow: { timeouts: { connect: 3s, first_byte: 20s } }
      plain: { task: true }`);
    assert.deepEqual(
      servers.map(({ timeoutMs, times, toolRules }) => ({ timeoutMs, times, toolRules })),
      [
        {
          timeoutMs: 8000,
          times: { connectMs: 1000, firstByteMs: 4000, totalMs: 60_000 },
          toolRules: undefined,
        },
        {
          timeoutMs: 8000,
          times: { connectMs: 2000, firstByteMs: 4000, totalMs: 30_000 },
          toolRules: { slow: { times: { connectMs: 3000, firstByteMs: 20_000 } }, plain: { task: true } },
        },
      ],
    );
  });

  it('`timeout` is the first byte and the silence after it, whatever stands above', () => {
    assert.deepEqual(timesOf('servers: { a: { url: http://h, timeout: 7s } }'), [[7000, undefined]]);
    assert.deepEqual(
      timesOf('{ timeouts: { first_byte: 1s }, servers: { a: { url: http://h, timeout: 7s } } }'),
      [[7000, { firstByteMs: 7000 }]],
    );
  });

  it('`idle` alone does not touch the first byte', () => {
    assert.deepEqual(timesOf('servers: { a: { url: http://h, timeouts: { idle: 7s } } }'), [
      [7000, { firstByteMs: 30_000 }],
    ]);
    assert.deepEqual(timesOf('servers: { a: { url: http://h, timeout: 9s, timeouts: { idle: 7s } } }'), [
      [7000, { firstByteMs: 9000 }],
    ]);
  });

  it('`forward_deadline: false` is kept', () =>
    assert.equal(
      load('servers: { a: { url: http://h, forward_deadline: false } }').servers[0]?.forwardDeadline,
      false,
    ));

  const wrong: readonly (readonly [text: string, ...lines: string[]])[] = [
    [
      'timeouts: { idle: 2m, total: 1m }',
      '1:19: `idle` is longer than `total`, which ends the call before. Make `total` the longest of them.',
    ],
    [
      '{ timeouts: { first_byte: 9s }, servers: { a: { url: http://h, timeouts: { total: 8s } } } }',
      '1:83: `first_byte` is longer than `total`, which ends the call before. Make `total` the longest of them.',
    ],
    [
      'servers: { a: { url: http://h, timeouts: { total: 8s }, tools: { t: { timeouts: { connect: 9s } } } } }',
      '1:92: `connect` is longer than `total`, which ends the call before. Make `total` the longest of them.',
    ],
    [
      'servers: { a: { url: http://h, timeouts: { total: 1h } } }',
      '1:51: `total` is longer than `timeouts.max_call` (10m unless set), which no call may exceed. Raise `timeouts.max_call`, or lower this one.',
    ],
    [
      '{ timeouts: { max_call: 5s }, servers: { a: { type: stdio, command: x, timeouts: { total: 6s } } } }',
      '1:91: `total` is longer than `timeouts.max_call`, which no call may exceed. Raise `timeouts.max_call`, or lower this one.',
    ],
    [
      'servers: { a: { url: http://h, timeout: 1s, timeouts: { idle: 2s, first_byte: 3s } } }',
      '1:32: `timeout` says nothing here: `timeouts.first_byte` and `timeouts.idle` both say otherwise. Remove it, or one of them.',
    ],
    [
      'servers: { a: { url: http://h, timeouts: { first: 2s } } }',
      '1:44: `servers.a.timeouts.first` is not a known key. Known here: connect, first_byte, idle, total.',
    ],
  ];
  for (const [text, ...lines] of wrong)
    it(`${text} is refused`, () =>
      assert.deepEqual(
        faults(text),
        lines.map((line) => `g.yaml:${line}`),
      ));
});
