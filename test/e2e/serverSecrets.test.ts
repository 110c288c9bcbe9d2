import assert from 'node:assert/strict';
import { once } from 'node:events';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { startService, type Service } from '../backends/rest/startService.js';
import { modernCall } from '../support/modern.js';
import { startGateway, type RunningGateway } from '../support/startGateway.js';
import { testCertificates, type TestCertificates } from '../support/testCertificates.js';

describe('what a server is shown', () => {
  let files: TestCertificates;
  let gateway: RunningGateway | undefined;
  before(async () => {
    files = await testCertificates();
    await files.make('server', 'IP:127.0.0.1,DNS:orders.test');
    await files.make('gateway', 'DNS:gateway.test');
    await files.make('renewed', 'DNS:gateway.test');
    await files.make('stranger', '', 'itself');
  });
  afterEach(async () => {
    await gateway?.close();
    gateway = undefined;
  });
  after(() => files.close());

  describe('over TLS', () => {
    let server: Server;
    let url: string;
    let shown: string[];
    beforeEach(async () => {
      shown = [];
      const [key, cert, ca] = await Promise.all(
        [files.path('server.key'), files.path('server.pem'), files.ca].map((file) => readFile(file)),
      );
      server = createServer(
        { key, cert, ca, requestCert: true, rejectUnauthorized: true },
        ({ socket }, response) => {
          shown.push(String((socket as TLSSocket).getPeerCertificate().subject.CN));
          response.end('{}');
        },
      );
      await once(server.listen(0, '127.0.0.1'), 'listening');
      url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    });
    afterEach(() => {
      server.close();
      server.closeAllConnections();
    });

    const yaml = (tls: string): string => `
  orders: { type: rest, url: '${url}', tls: { ${tls} }, tools: { get: { path: / } } }`;
    const own = (name: string): string =>
      `ca: ${files.ca}, cert: ${files.path(`${name}.pem`)}, key: ${files.path(`${name}.key`)}`;
    const call = async (): Promise<string> =>
      (await modernCall(gateway?.port ?? 0, 'orders_get', {})).error?.message ?? 'well';

    it('is a certificate, and its own has to be of the authority', async () => {
      gateway = await startGateway(yaml(own('gateway')));
      assert.equal(await call(), 'well');
      assert.deepEqual(shown, ['gateway']);
    });

    it('is a renewed certificate when the files have changed', async () => {
      for (const end of ['pem', 'key'])
        await copyFile(files.path(`gateway.${end}`), files.path(`used.${end}`));
      gateway = await startGateway(yaml(own('used')));
      await call();
      for (const end of ['pem', 'key'])
        await copyFile(files.path(`renewed.${end}`), files.path(`used.${end}`));
      gateway.configure(yaml(own('used')));
      await call();
      assert.deepEqual(shown, ['gateway', 'renewed']);
    });

    for (const [what, tls] of [
      ['a certificate of nobody that it knows', () => own('stranger')],
      ['none', () => `ca: ${files.ca}`],
      ['one to a server of no known authority', () => own('gateway').replace(/ca: [^,]+, /, '')],
      ['one to a server that is called otherwise', () => `${own('gateway')}, server_name: bank.test`],
    ] as const)
      it(`is refused where it is ${what}: nothing was called`, async () => {
        gateway = await startGateway(yaml(tls()));
        assert.match(await call(), /^The backend (can not be reached|closed the connection)/);
        assert.deepEqual(shown, []);
      });

    it('goes by the name that its certificate shall have', async () => {
      gateway = await startGateway(yaml(`${own('gateway')}, server_name: orders.test`));
      assert.equal(await call(), 'well');
    });
  });

  describe('in headers', () => {
    let service: Service;
    beforeEach(async () => {
      service = await startService((_request, response) => response.end('{}'));
    });
    afterEach(() => service.close());
    const yaml = (more: string): string => `
  orders: { type: rest, url: '${service.url}', ${more}, tools: { get: { path: / } } }`;

    it('comes from files, as they are now', async () => {
      const [key, password] = [files.path('key.txt'), files.path('password.txt')];
      await Promise.all([writeFile(key, 'one\n'), writeFile(password, 'pass word:ü')]);
      const text = yaml(`header_files: { X-Key: ${key} }, basic: { username: sluice, password: 'a:b' }`);
      gateway = await startGateway(text);
      await modernCall(gateway.port, 'orders_get', {});
      await writeFile(key, 'two');
      gateway.configure(text);
      await modernCall(gateway.port, 'orders_get', {});
      assert.deepEqual(
        service.seen.map(({ headers }) => [headers['x-key'], headers.authorization]),
        ['one', 'two'].map((value) => [value, `Basic ${Buffer.from('sluice:a:b').toString('base64')}`]),
      );
    });
  });
});
