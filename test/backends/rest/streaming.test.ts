import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { lastValueFrom, Subject, tap, toArray } from 'rxjs';
import type { RestToolSettings } from '../../../src/config/settings.js';
import type { CallToolResult } from '../../../src/protocol/mcp.js';
import type { Reply } from '../../../src/streams/reply.js';
import { valve } from '../../../src/streams/valve.js';
import { backendAt, callOf, repliesOf, resultOf, textOf, tool, type Made } from './restCalls.js';
import { startService, type Handler, type Service } from './startService.js';

describe('restBackend: answers in parts', () => {
  let service: Service | undefined;

  afterEach(() => service?.close());

  const messageOf = (reply: Reply): unknown => reply.kind === 'notification' && reply.params['message'];
  const resultIn = (replies: readonly Reply[]): CallToolResult => {
    const last = replies.at(-1);
    assert.ok(last?.kind === 'result');
    return last.result as CallToolResult;
  };

  /** Sends these pieces, each only when the one before has been told as progress, and gives all replies. */
  const stepwise = async (
    type: string,
    pieces: readonly (string | Buffer)[],
    settings: Partial<RestToolSettings> = {},
    told: readonly number[] = pieces.map(() => 1),
  ): Promise<Reply[]> => {
    const progress = new Subject<void>();
    service = await startService((_request, response) => {
      response.writeHead(200, { 'content-type': type });
      let next = 0;
      let due = 0;
      let heard = 0;
      const proceed = (): void => {
        // Pieces that complete no part are followed by the next at once, in a packet of their own.
        for (; next < pieces.length && heard >= due; next++) {
          due += told[next] ?? 0;
          response.write(pieces[next]);
          if (told[next] === 0) return void setImmediate(() => (next++, proceed()));
        }
        if (next >= pieces.length && heard >= due) response.end();
      };
      progress.subscribe(() => {
        heard++;
        proceed();
      });
      proceed();
    });
    const backend = backendAt(service.url, [tool(settings)]);
    const replies = await lastValueFrom(
      backend.invoke(callOf({}, { progress: true })).pipe(
        tap((reply) => reply.kind === 'notification' && progress.next()),
        toArray(),
      ),
    );
    await backend.close(0);
    return replies;
  };

  it('tells each row of NDJSON before the next one exists', async () => {
    const replies = await stepwise('application/x-ndjson', ['{"n":1}\n', '{"n":2}\r\n', '\n{"n":3}\n']);
    assert.deepEqual(replies, [
      ...[1, 2, 3].map((n) => ({
        kind: 'notification',
        method: 'notifications/progress',
        params: { progress: n, message: `{"n":${n}}` },
      })),
      {
        kind: 'result',
        result: {
          content: [{ type: 'text', text: '{"n":1}\n{"n":2}\n{"n":3}' }],
          structuredContent: { rows: [{ n: 1 }, { n: 2 }, { n: 3 }] },
        },
      },
    ]);
  });

  it('puts rows and characters together that were cut on their way', async () => {
    const bytes = Buffer.from('{"name":"Grüße 🎉"}\n{"n":2}');
    const pieces = [...bytes].map((byte) => Buffer.from([byte]));
    const told = pieces.map((piece) => (piece[0] === 0x0a ? 1 : 0));
    const replies = await stepwise('application/jsonl', pieces, {}, told);
    assert.deepEqual(replies.slice(0, -1).map(messageOf), ['{"name":"Grüße 🎉"}', '{"n":2}']);
    assert.deepEqual(resultIn(replies).structuredContent, { rows: [{ name: 'Grüße 🎉' }, { n: 2 }] });
  });

  it('gives rows as text alone if one is no JSON', async () => {
    const replies = await stepwise('application/x-ndjson', ['{"n":1}\n', 'oops\n']);
    assert.deepEqual(resultIn(replies), { content: [{ type: 'text', text: '{"n":1}\noops' }] });
  });

  it('tells each server-sent event', async () => {
    const replies = await stepwise(
      'text/event-stream; charset=utf-8',
      [': hello\n\nevent: row\nid: 1\ndata: one\n\n', 'data: two\ndata: lines\n\n', 'data: last'],
      {},
      [1, 1, 0],
    );
    assert.deepEqual(replies.slice(0, -1).map(messageOf), ['one', 'two\nlines', 'last']);
    assert.deepEqual(resultIn(replies), { content: [{ type: 'text', text: 'one\ntwo\nlines\nlast' }] });
  });

  it('gives events structured where the output schema has a list', async () => {
    const outputSchema = { type: 'object', properties: { events: { type: 'array' } } };
    const replies = await stepwise('text/event-stream', ['data: {"a":1}\n\n', 'data: [DONE]\n\n'], {
      outputSchema,
    });
    assert.deepEqual(resultIn(replies).structuredContent, { events: [{ a: 1 }, '[DONE]'] });
  });

  it('tells the text of a streaming tool as it comes', async () => {
    const replies = await stepwise(
      'text/plain',
      ['one ', Buffer.from([0xc3]), Buffer.from([0xbc]), '!'],
      {
        streaming: true,
      },
      [1, 0, 1, 1],
    );
    assert.deepEqual(replies.slice(0, -1).map(messageOf), ['one ', 'ü', '!']);
    assert.equal(textOf(resultIn(replies)), 'one ü!');
  });

  const body =
    (type: string, text: string): Handler =>
    (_request, response) => {
      response.writeHead(200, { 'content-type': type }).end(text);
    };
  const repliesTo = async (
    handler: Handler,
    progress: boolean,
    settings: Partial<RestToolSettings> = {},
    made: Made = {},
  ): Promise<Reply[]> => {
    service = await startService(handler);
    const backend = backendAt(service.url, [tool(settings)], made);
    const replies = await repliesOf(backend, callOf({}, { progress }));
    await backend.close(0);
    return replies;
  };

  it('shows signs of life where the client takes no progress too, and joins all the same', async () => {
    const replies = await repliesTo(body('application/x-ndjson', '1\n2\n'), false, { streaming: true });
    assert.equal(replies.length, 3);
    assert.deepEqual(resultIn(replies).structuredContent, { rows: [1, 2] });
  });

  it('gives text in one piece if the tool is not a streaming one', async () => {
    assert.equal((await repliesTo(body('text/plain', 'all'), true)).length, 1);
  });

  it('gives an empty stream as one', async () => {
    const [reply] = await repliesTo(body('application/x-ndjson', ''), true);
    assert.ok(reply?.kind === 'result');
    assert.deepEqual(reply.result['structuredContent'], { rows: [] });
  });

  it('cuts the result of a stream that is too long, but not its progress', async () => {
    const rows = Array.from({ length: 100 }, (_, n) => `{"n":${n}}`);
    const made = { maxResponseBytes: 100 };
    const replies = await repliesTo(body('application/x-ndjson', rows.join('\n')), true, {}, made);
    assert.deepEqual(replies.slice(0, -1).map(messageOf), rows);
    const { content, isError } = resultIn(replies);
    assert.equal(isError, undefined);
    assert.match(String(content[1]?.['text']), /cut here/);
    await service?.close();
    const unheard = await repliesTo(body('application/x-ndjson', rows.join('\n')), false, {}, made);
    assert.equal(resultIn(unheard).isError, true);
  });

  it('ends a stream with a row or an event that is too long', async () => {
    for (const [type, start] of [
      ['application/x-ndjson', '"'],
      ['text/event-stream', 'data: '],
    ] as const) {
      let closed: Promise<unknown> | undefined;
      const endless: Handler = (_request, response) => {
        closed = once(response, 'close');
        response.writeHead(200, { 'content-type': type }).write(start);
        pour(response);
      };
      const [reply] = await repliesTo(endless, true, {}, { maxResponseBytes: 100_000 });
      assert.ok(reply?.kind === 'result');
      assert.equal(reply.result['isError'], true);
      await closed;
      await service?.close();
    }
  });

  it("closes the service's connection when the client leaves", async () => {
    let closed: Promise<unknown> | undefined;
    service = await startService((_request, response) => {
      closed = once(response, 'close');
      response.writeHead(200, { 'content-type': 'application/x-ndjson' }).write('1\n');
    });
    const backend = backendAt(service.url, [tool()]);
    await new Promise<void>((resolve) => {
      const subscription = backend.invoke(callOf({}, { progress: true })).subscribe(() => {
        subscription.unsubscribe();
        resolve();
      });
    });
    const left = performance.now();
    await closed;
    assert.ok(performance.now() - left < 100);
    await backend.close(0);
  });

  it('closes it before the answer has begun, too', async () => {
    let closed: Promise<unknown> | undefined;
    const arrived = new Promise<void>((resolve) => {
      void startService((_request, response) => {
        closed = once(response, 'close');
        resolve();
      }).then((started) => {
        service = started;
        subscription = backendAt(started.url, [tool()]).invoke(callOf()).subscribe();
      });
    });
    let subscription: { unsubscribe(): void } | undefined;
    await arrived;
    subscription?.unsubscribe();
    await closed;
  });

  it('holds the service back while the valve is closed', async () => {
    let written = 0;
    let stalled: ((value: unknown) => void) | undefined;
    const full = new Promise((resolve) => (stalled = resolve));
    const total = 64 * 1024 * 1024;
    service = await startService((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/x-ndjson' });
      const row = `"${'x'.repeat(64 * 1024)}"\n`;
      const more = (): void => {
        while (written < total) {
          written += row.length;
          if (response.write(row)) continue;
          response.once('drain', more);
          // No room for a while: the sockets between us are full. Nothing announces that nothing more is taken.
          const before = written;
          setTimeout(() => written === before && stalled?.(undefined), 300).unref();
          return;
        }
        response.end();
      };
      more();
    });
    const backend = backendAt(service.url, [tool()]);
    const demand = valve();
    let got = 0;
    const done = new Promise<void>((resolve, reject) => {
      backend.invoke(callOf({}, { progress: true, valve: demand })).subscribe({
        next: () => {
          if (++got === 3) demand.pause();
        },
        error: reject,
        complete: resolve,
      });
    });
    await full;
    assert.ok(written < total / 2, `${written} bytes written against a closed valve`);
    assert.ok(got < 10, `${got} replies against a closed valve`);
    demand.resume();
    await done;
    assert.ok(written >= total);
    await backend.close(0);
  });

  it('lets calls finish when it is closed, and breaks them off after the grace', async () => {
    let held: ServerResponse | undefined;
    let arrived: (() => void) | undefined;
    service = await startService((_request, response) => {
      held = response;
      arrived?.();
    });
    const arrival = (): Promise<void> => new Promise((resolve) => (arrived = resolve));
    for (const finishes of [true, false]) {
      const backend = backendAt(service.url, [tool()]);
      const there = arrival();
      const outcome = resultOf(backend).then(
        () => 'finished',
        (error: unknown) => (error as { code?: string }).code,
      );
      await there;
      const closed = backend.close(finishes ? 5000 : 50);
      if (finishes) held?.end('{}');
      await closed;
      assert.equal(await outcome, finishes ? 'finished' : 'ERR_UPSTREAM_FAILED');
      await assert.rejects(resultOf(backend), { code: 'ERR_UPSTREAM_UNREACHABLE' });
      held?.destroy();
    }
    await backendAt(service.url, [tool()]).close(1000);
  });
});

/** Writes without end, as fast as it is read. */
const pour = (response: ServerResponse): void => {
  while (!response.destroyed && response.write('x'.repeat(16 * 1024)));
  if (!response.destroyed) response.once('drain', () => pour(response));
};
