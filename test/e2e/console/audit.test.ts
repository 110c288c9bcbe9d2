import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ask } from '../../support/ask.js';
import { assertAuditRecord } from '../../support/auditSchema.js';
import { adminKey, startConsole } from '../../support/startConsole.js';
import { startMcpBackend } from '../../support/startMcpBackend.js';

describe('console: what is written down of it', function () {
  this.timeout(20_000);

  it('who came in, was not let in, left, ended a session and tried a tool; no key, no cookie', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sluice-console-audit-'));
    const backend = await startMcpBackend();
    const console = await startConsole(
      `audit: { file: '${folder}/audit.ndjson' }\nservers: { mail: { url: '${backend.url}' } }`,
    );
    const clientInfo = { name: 'desk', version: '1' };
    const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo };
    await ask(console.port, { body: { jsonrpc: '2.0', id: 1, method: 'initialize', params } });
    await console.program('not-the-key-of-anybody')('GET', '/me');
    const browser = await console.browser(adminKey);
    await browser('POST', '/tools/mail_echo/call', { arguments: {} });
    const { sessions } = (await browser('GET', '/sessions')).json as { sessions: { digest: string }[] };
    const { digest = '' } = sessions[0] ?? {};
    await browser('DELETE', `/sessions/${digest}`);
    await browser('POST', '/sign-out');
    await console.close();
    await backend.close();
    const text = await readFile(join(folder, 'audit.ndjson'), 'utf8');
    await rm(folder, { recursive: true });
    const records = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    records.forEach(assertAuditRecord);
    const of = (kind: string) => records.filter((record) => record['kind'] === kind);
    assert.equal(of('console_sign_in_refused').length, 1);
    assert.deepEqual(of('console_signed_in')[0]?.['person'], { user: 'admin', role: 'admin' });
    assert.equal(of('console_session_ended')[0]?.['session'], digest);
    assert.equal(of('console_signed_out').length, 1);
    const tried = of('call').find((record) => record['transport'] === 'in-process');
    assert.equal((tried?.['who'] as { user: string } | undefined)?.user, 'admin');
    for (const secret of [adminKey, 'not-the-key', browser.cookie.replace(/.*=/, ''), browser.csrf])
      assert.ok(!text.includes(secret));
  });
});
