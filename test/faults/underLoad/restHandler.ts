import { setTimeout as delay } from 'node:timers/promises';
import { paceMs, work, type Did, type Handler, type Work } from './backend.js';

/** The work as a REST service: `GET /read?key=…`, `POST /pay`; streamed answers are NDJSON, the last row says that it is done. */
export const restHandler =
  (did: Did): Handler =>
  async (request, response, body) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
    const what = pathname.slice(1);
    if (!Object.hasOwn(work, what)) return response.writeHead(404).end();
    const { parts } = work[what as Work];
    const key = searchParams.get('key') ?? String((JSON.parse(body) as { key: unknown }).key);
    did(what as Work, key);
    const done = JSON.stringify({ text: `done ${key}` });
    if (parts === 0) return response.writeHead(200, { 'content-type': 'application/json' }).end(done);
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    for (let part = 1; part < parts; part++) {
      response.write(`${JSON.stringify({ part })}\n`);
      await delay(paceMs);
    }
    return response.end(`${done}\n`);
  };
