import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { lastValueFrom } from 'rxjs';
import { fromUnknown } from '../../../src/protocol/errors.js';
import { httpProbe } from '../../../src/sources/health/httpProbe.js';
import { tcpProbe } from '../../../src/sources/health/tcpProbe.js';

describe('sources/health', () => {
  let server: Server;
  let url: string;
  let handle: RequestListener;

  beforeEach(async () => {
    server = createServer((request, response) => handle(request, response));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/deep/base`;
  });
  afterEach(() => {
    server.close();
    server.closeAllConnections();
  });

  const codeOf = (probe: ReturnType<typeof tcpProbe>): Promise<string> =>
    lastValueFrom(probe).then(
      () => 'alive',
      (error: unknown) => fromUnknown(error).code,
    );
  /** An address that nothing listens at any more. */
  const away = async (): Promise<string> => {
    const closed = once(server, 'close');
    server.close();
    await closed;
    return url;
  };

  it('HTTP: asks for the path of the host with the headers of the server', async () => {
    const asked: unknown[] = [];
    handle = ({ url: path, headers }, response) => {
      asked.push(path, headers['authorization']);
      response.end('well');
    };
    assert.equal(await codeOf(httpProbe({ url }, '/up?full=1', { authorization: 'Bearer x' })), 'alive');
    assert.deepEqual(asked, ['/up?full=1', 'Bearer x']);
  });

  for (const [status, verdict] of [
    [204, 'alive'],
    [401, 'alive'],
    [404, 'alive'],
    [500, 'ERR_UPSTREAM_FAILED'],
    [503, 'ERR_UPSTREAM_FAILED'],
  ] as const)
    it(`HTTP: ${status} means ${verdict}`, async () => {
      handle = (_request, response) => response.writeHead(status).end();
      assert.equal(await codeOf(httpProbe({ url }, '/', {})), verdict);
    });

  it('HTTP: does not wait for the end of an answer, and leaves no connection behind', async () => {
    const closed = new Promise<unknown>((resolve) => {
      handle = ({ socket }, response) => {
        resolve(once(socket, 'close'));
        response.writeHead(200).write('and so on');
      };
    });
    assert.equal(await codeOf(httpProbe({ url }, '/', {})), 'alive');
    await closed;
  });

  it('HTTP: closes the connection of a probe that is given up', async () => {
    const closed = new Promise<unknown>((resolve) => {
      handle = ({ socket }) => {
        resolve(once(socket, 'close'));
        probe.unsubscribe();
      };
    });
    const probe = httpProbe({ url }, '/', {}).subscribe();
    await closed;
  });

  it('TCP and HTTP: nobody listens', async () => {
    const nowhere = await away();
    assert.equal(await codeOf(tcpProbe({ url: nowhere })), 'ERR_UPSTREAM_UNREACHABLE');
    assert.equal(await codeOf(httpProbe({ url: nowhere }, '/', {})), 'ERR_UPSTREAM_UNREACHABLE');
  });

  it('TCP: somebody listens', async () => {
    assert.equal(await codeOf(tcpProbe({ url })), 'alive');
  });
});
