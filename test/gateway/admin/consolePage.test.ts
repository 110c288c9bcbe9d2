import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { consolePage, type ConsolePage } from '../../../src/gateway/admin/consolePage.js';
import { ask } from '../../support/ask.js';

describe('gateway/admin/consolePage', () => {
  let folder: string;
  let server: Server;
  let page: ConsolePage;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice console '));
    await mkdir(join(folder, 'built', 'assets'), { recursive: true });
    await writeFile(join(folder, 'built', 'index.html'), '<!doctype html><p>Console');
    await writeFile(join(folder, 'built', 'assets', 'main-1a2b.js'), 'console.log(1)');
    await writeFile(join(folder, 'secret.txt'), 'a secret');
    page = consolePage(pathToFileURL(join(folder, 'built/')));
    server = createServer((request, response) => {
      page(request.url ?? '', request, response).then(
        (found) => found || response.writeHead(404).end(),
        (error: unknown) => response.writeHead(500).end(String(error)),
      );
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  after(async () => {
    server.close();
    server.closeAllConnections();
    await rm(folder, { recursive: true });
  });
  const get = (path: string, headers = {}) =>
    ask((server.address() as AddressInfo).port, { method: 'GET', path, headers });

  it('serves the page anew each time, and lets nothing in it come from elsewhere', async () => {
    const { status, headers, body } = await get('/');
    assert.deepEqual([status, body], [200, '<!doctype html><p>Console']);
    assert.equal(headers['content-type'], 'text/html; charset=utf-8');
    assert.equal(headers['cache-control'], 'no-store');
    const policy = headers['content-security-policy'] ?? '';
    assert.match(policy, /^default-src 'none'; script-src 'self'; style-src 'self';/);
    assert.ok(!policy.includes('unsafe') && policy.includes("frame-ancestors 'none'"));
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.equal(headers['referrer-policy'], 'no-referrer');
    assert.equal(headers['cross-origin-opener-policy'], 'same-origin');
  });

  it('serves what has a hash in its name for ever, packed for who can take it', async () => {
    const plain = await get('/assets/main-1a2b.js');
    assert.equal(plain.body, 'console.log(1)');
    assert.equal(plain.headers['cache-control'], 'public, max-age=31536000, immutable');
    const packed = await get('/assets/main-1a2b.js', { 'accept-encoding': 'br, gzip' });
    assert.equal(packed.headers['content-encoding'], 'gzip');
  });

  for (const path of [
    '/../secret.txt',
    '/assets/../../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/assets',
    '/assets/',
    '//',
    '/\\..\\secret.txt',
    '/index.html%00',
  ])
    it(`has nothing at ${path}`, async () => {
      const { status, body } = await get(path);
      assert.equal(status, 404);
      assert.ok(!body.includes('secret'));
    });

  it('finds a page that is built later', async () => {
    const late = consolePage(pathToFileURL(join(folder, 'later/')));
    const [was, is] = [page, late];
    page = is;
    assert.equal((await get('/')).status, 404);
    await mkdir(join(folder, 'later'));
    await writeFile(join(folder, 'later', 'index.html'), 'later');
    assert.equal((await get('/')).body, 'later');
    page = was;
  });
});
