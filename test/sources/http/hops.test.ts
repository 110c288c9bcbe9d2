import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { lastValueFrom } from 'rxjs';
import { Hops, type HopFailure } from '../../../src/sources/http/hops.js';
import { ask } from '../../support/ask.js';
import { openRaw } from '../../support/openRaw.js';
import { requestBytes } from '../../support/requestBytes.js';
import { within } from '../../support/within.js';

describe('sources/http/hops', () => {
  const servers: Server[] = [];
  let hops: Hops;
  beforeEach(() => {
    hops = new Hops(() => ({ headMs: 5000, silenceMs: 5000 }));
  });
  afterEach(() => {
    hops.close();
    for (const server of servers.splice(0)) {
      server.close();
      server.closeAllConnections();
    }
  });

  const listening = async (listener: RequestListener): Promise<number> => {
    const server = createServer(listener);
    servers.push(server);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return (server.address() as AddressInfo).port;
  };
  /** Hands everything on to a port; what fails is answered with what is known of it, and the body if that is still there. */
  const front = (to: number): Promise<number> =>
    listening((request, response) => {
      const failed = ({ begun, gone }: HopFailure): void =>
        void bodyOf(request).then((body) =>
          response.writeHead(599).end(JSON.stringify({ begun, gone, body })),
        );
      hops.take({ address: `http://127.0.0.1:${to}`, request, response, stamp: 'the stamp', failed });
    });
  const bodyOf = async (request: IncomingMessage): Promise<string> =>
    request.destroyed || request.readableEnded ? '' : Buffer.concat(await request.toArray()).toString();

  it('brings a request over as it is, but for what is said of its connection, with its stamp', async () => {
    const home = await listening((request, response) => {
      void bodyOf(request).then((body) =>
        response
          .writeHead(207, { 'x-answer': 'yes', 'keep-alive': 'timeout=1' })
          .end(JSON.stringify({ method: request.method, url: request.url, headers: request.headers, body })),
      );
    });
    const headers = {
      host: 'gw.example',
      'x-mine': 'kept',
      'x-hop': 'not',
      connection: 'keep-alive, x-hop',
      te: 'gzip',
    };
    const answer = await ask(await front(home), {
      path: '/mcp?x=1',
      headers,
      body: { big: 'ä'.repeat(100_000) },
    });
    assert.deepEqual([answer.status, answer.headers['x-answer']], [207, 'yes']);
    assert.notEqual(answer.headers['keep-alive'], 'timeout=1');
    const seen = JSON.parse(answer.body) as { method: string; url: string; headers: object; body: string };
    assert.deepEqual([seen.method, seen.url], ['POST', '/mcp?x=1']);
    assert.equal(seen.body, JSON.stringify({ big: 'ä'.repeat(100_000) }));
    const {
      'x-mine': mine,
      'x-hop': hop,
      te,
      host,
      'sluice-relayed': stamp,
    } = seen.headers as Record<string, string>;
    assert.deepEqual([mine, hop, te, host, stamp], ['kept', undefined, undefined, 'gw.example', 'the stamp']);
  });

  it('says that nobody is there, and has not touched the body', async () => {
    const gone = await listening(() => undefined);
    servers.splice(0).forEach((server) => server.close());
    const answer = await ask(await front(gone), { body: 'all of it' });
    assert.deepEqual(JSON.parse(answer.body), { begun: false, gone: true, body: 'all of it' });
  });

  it('says that a request had begun whose answer does not come', async () => {
    const home = await listening((request) => void request.once('data', () => request.destroy()));
    const { begun, gone } = JSON.parse((await ask(await front(home), { body: 'x' })).body) as HopFailure;
    assert.deepEqual([begun, gone], [true, false]);
  });

  it('ends what waits for an instance that answers no more', async () => {
    const events = new EventEmitter();
    const arrived = once(events, 'arrived');
    const home = await listening(
      (request) => void request.resume().once('end', () => events.emit('arrived')),
    );
    const waiting = ask(await front(home), { body: 'x' });
    await within(3000, 'the request', arrived);
    hops.cut(`http://127.0.0.1:${home}`);
    const { begun, gone } = JSON.parse((await waiting).body) as HopFailure;
    assert.deepEqual([begun, gone], [true, false]);
  });

  it('ends the hop of a client that leaves, and is idle then', async () => {
    const events = new EventEmitter();
    const left = once(events, 'left');
    const home = await listening((_request, response) => {
      response.once('close', () => events.emit('left'));
      response.writeHead(200).flushHeaders();
    });
    const port = await front(home);
    const client = await openRaw(port);
    client.write(requestBytes(port, { method: 'GET' }));
    await client.seen('200');
    client.destroy();
    await within(3000, 'the end at the home', left);
    await within(3000, 'being idle', hops.whenIdle());
  });

  it('lets go of clients that listen, and of nobody else', async () => {
    const home = await listening((request, response) => {
      response.writeHead(200).flushHeaders();
      if (request.method === 'POST') request.resume().once('end', () => void response.write('begun '));
      if (request.method === 'POST') servers[0]?.once('finish', () => response.end('done'));
    });
    const port = await front(home);
    const [listener, caller] = [await openRaw(port), await openRaw(port)];
    listener.write(requestBytes(port, { method: 'GET' }));
    caller.write(requestBytes(port, { body: 'x' }));
    await Promise.all([listener.seen('200'), caller.seen('begun')]);
    hops.letGo();
    assert.equal((await listener.answer()).status, 200);
    servers[0]?.emit('finish');
    assert.match((await caller.answer()).body, /done/);
  });

  it('hands a message over, and takes a home that is gone for one that needs it no more', async () => {
    const events = new EventEmitter();
    const seen = once(events, 'seen');
    const home = await listening((request, response) => {
      void bodyOf(request).then((body) => {
        events.emit('seen', request.headers['sluice-relayed'], request.headers['x-mine'], body);
        response.writeHead(202).end();
      });
    });
    const headers = { 'x-mine': 'kept', 'content-length': '999', 'sluice-relayed': 'older' };
    const told = {
      address: `http://127.0.0.1:${home}`,
      path: '/mcp',
      headers,
      stamp: 'the stamp',
      message: { a: 1 },
    };
    await lastValueFrom(hops.tell(told), { defaultValue: undefined });
    assert.deepEqual(await seen, ['the stamp', 'kept', '{"a":1}']);
    servers.splice(0).forEach((server) => {
      server.close();
      server.closeAllConnections();
    });
    await lastValueFrom(hops.tell(told), { defaultValue: undefined });
  });
});
