import assert from 'node:assert/strict';
import { loadSettings } from '../../src/config/load.js';
import type { Settings } from '../../src/config/settings.js';
import { needRestart } from '../../src/gateway/needRestart.js';

const settings = (text: string): Settings =>
  loadSettings(`${text}\nservers: { a: { url: "http://127.0.0.1:1" } }`, {
    file: 'x',
    env: {},
    baseDir: '/',
  });

describe('gateway/needRestart', () => {
  const rows: [string, string, readonly string[]][] = [
    ['nothing changed', 'listen: { port: 8080 }', []],
    ['another port', 'listen: { port: 9000 }', ['listen']],
    [
      'another session time, another log',
      'sessions: { ttl: 5m }\nlog: { level: debug }',
      ['sessions', 'log'],
    ],
    ['what takes effect at once', 'page_size: 3', []],
  ];
  for (const [name, text, keys] of rows)
    it(name, () => assert.deepEqual(needRestart(settings('listen: { port: 8080 }'), settings(text)), keys));
});
