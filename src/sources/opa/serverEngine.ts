import { createHash } from 'node:crypto';
import { asyncScheduler, catchError, map, reduce, tap, throwError, timeout, type Observable } from 'rxjs';
import { Pool } from 'undici';
import { limits } from '../../config/limits.js';
import type { Secret } from '../../config/secret.js';
import { isObject } from '../../protocol/jsonrpc.js';
import { parseJson } from '../../protocol/parseJson.js';
import { Breaker } from '../../streams/balancing/breaker.js';
import type { PolicyInput } from '../../streams/policyInput.js';
import { alwaysOpen } from '../../streams/valve.js';
import { connectTo } from '../backends/connectTo.js';
import { fromDispatch, type Chunk, type Head } from '../fromDispatch.js';
import type { PolicyEngine } from './policyEngine.js';
import { PolicyFault } from './policyFault.js';

export interface ServerEngineOptions {
  /** Without `/v1`. */
  readonly url: string;
  readonly token?: Secret;
  readonly timeoutMs: number;
  /** 0 for not at all. */
  readonly cacheTtlMs: number;
  readonly cacheMax: number;
  /** Epoch milliseconds. */
  readonly now?: () => number;
}

const maxAnswerBytes = 256 * 1024;
const maxDepth = 64;
const connections = 16;
/** Most questions that wait for their answers; what comes on top is not allowed, rather than waiting. */
const maxAsked = 2000;
/** A server that fails so often in a row is not asked for a while: each question would take its whole time. */
const circuit = {
  failures: 5,
  failureRate: 1,
  minCalls: limits.breakerMinCalls,
  windowMs: limits.breakerWindowMs,
  cooldownMs: 1000,
  maxCooldownMs: 10_000,
  slowFactor: undefined,
};

interface Remembered {
  readonly until: number;
  readonly value: unknown;
}

/**
 * An OPA server, asked by its REST API (`POST /v1/data/PATH`). Answers are remembered for a while by the whole question but its
 * time. A server that does not answer is not asked for some seconds.
 */
export const serverEngine = (options: ServerEngineOptions): PolicyEngine => {
  const { url, token, timeoutMs, cacheTtlMs, cacheMax, now = Date.now } = options;
  const { origin, pathname } = new URL(url);
  const base = `${pathname.replace(/\/+$/, '')}/v1/data/`;
  const pool = new Pool(origin, {
    connections,
    connect: connectTo(timeoutMs),
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
  });
  const breaker = new Breaker(circuit, { scheduler: asyncScheduler });
  const remembered = new Map<string, Remembered>();
  let asked = 0;

  const remember = (key: string, value: unknown): void => {
    remembered.delete(key);
    const [oldest] = remembered.keys();
    if (remembered.size >= cacheMax && oldest !== undefined) remembered.delete(oldest);
    remembered.set(key, { until: now() + cacheTtlMs, value });
  };

  const send = (path: string, input: PolicyInput): Observable<unknown> => {
    const ticket = breaker.begin();
    asked++;
    let isOpen = true;
    const ended = (how: 'succeeded' | 'failed' | 'abandoned'): void => {
      if (!isOpen) return;
      isOpen = false;
      asked--;
      breaker[how](ticket);
    };
    return fromDispatch(
      pool,
      {
        origin,
        path: base + path.split('/').map(encodeURIComponent).join('/'),
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'application/json',
          ...(token !== undefined && { authorization: `Bearer ${Buffer.from(token.reveal()).toString()}` }),
        },
        body: JSON.stringify({ input }),
      },
      alwaysOpen,
      timeoutMs,
    ).pipe(
      reduce(collect, nothing),
      map(answerIn),
      timeout({ first: timeoutMs, with: () => throwError(() => new PolicyFault(inTime)) }),
      catchError((error: unknown) =>
        throwError(() =>
          error instanceof PolicyFault
            ? error
            : new PolicyFault('The OPA server can not be reached', { cause: error }),
        ),
      ),
      tap({
        next: () => ended('succeeded'),
        error: () => ended('failed'),
        finalize: () => ended('abandoned'),
      }),
    );
  };

  return {
    revision: '',
    lacks: () => undefined,
    ask(path, input) {
      const key = cacheTtlMs === 0 ? '' : digestOf(path, input);
      const known = cacheTtlMs === 0 ? undefined : remembered.get(key);
      if (known !== undefined && known.until > now()) return known.value;
      if (!breaker.admits(true))
        return throwError(() => new PolicyFault(`${inTime}, and is not asked for now`));
      if (asked >= maxAsked)
        return throwError(() => new PolicyFault('The OPA server has too much to answer'));
      return send(path, input).pipe(tap((value) => cacheTtlMs > 0 && remember(key, value)));
    },
    close() {
      breaker.end();
      void pool.destroy();
    },
  };
};

const inTime = 'The OPA server does not answer in time';

const digestOf = (path: string, { time: _time, ...question }: PolicyInput): string =>
  createHash('sha256')
    .update(`${path}\n${JSON.stringify(question)}`)
    .digest('base64');

interface Collected {
  readonly status: number;
  readonly pieces: Buffer[];
  readonly size: number;
}

/** Never written to: the head, which comes first, gives a fresh one. */
const nothing: Collected = { status: 0, pieces: [], size: 0 };

const collect = ({ status, pieces, size }: Collected, part: Head | Chunk): Collected => {
  if (part.kind === 'head') return { status: part.status, pieces: [], size: 0 };
  if (size + part.data.length > maxAnswerBytes)
    throw new PolicyFault(`The OPA server answered with more than ${maxAnswerBytes} bytes`);
  pieces.push(part.data);
  return { status, pieces, size: size + part.data.length };
};

const answerIn = ({ status, pieces }: Collected): unknown => {
  if (status !== 200) throw new PolicyFault(`The OPA server answered with HTTP status ${status}`);
  const answer = parseJson(Buffer.concat(pieces).toString('utf8'), maxDepth);
  if (!isObject(answer)) throw new PolicyFault('The OPA server answered with something else than JSON');
  return answer['result'];
};
