import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const source = fileURLToPath(new URL('../../src/cli/log.ts', import.meta.url));

/** What a process that logs by `script` writes to stdout. */
const logged = (format: string, script: string): string => {
  const program = `const { createLog } = await import(${JSON.stringify(source)});
    const log = createLog({ level: 'info', format: '${format}' });\n${script}`;
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '-e', program],
    {
      encoding: 'utf8',
    },
  );
  assert.equal(stderr, '');
  return stdout;
};

describe('cli/log', () => {
  it('writes one JSON object a line, all of them before the process ends', () => {
    const lines = logged(
      'auto',
      `for (let n = 0; n < 500; n++) log.info({ event: 'tool_call', n, headers: { cookie: 'c' } }, 'done');
       log.debug({}, 'not shown');
       process.exit(0);`,
    )
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    assert.equal(lines.length, 500);
    const { timestamp, ...rest } = lines[499] ?? {};
    assert.match(String(timestamp), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.deepEqual(rest, {
      level: 'info',
      event: 'tool_call',
      n: 499,
      headers: { cookie: '[redacted]' },
      msg: 'done',
    });
  });

  it('writes lines for people when told to', () => {
    const text = logged('pretty', `log.warn({ event: 'config_inactive', line: 3 }, 'Not yet');`);
    assert.match(text, /^\[\d\d:\d\d:\d\d\.\d{3}\] WARN.*: config_inactive Not yet \{"line":3\}\n$/);
  });
});
