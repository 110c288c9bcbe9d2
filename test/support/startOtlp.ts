import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

type Value = string | number | boolean;

/** A span as a collector was told of it. */
export interface SeenSpan {
  readonly name: string;
  /** internal 1, server 2, client 3 */
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly traceState: string | undefined;
  /** Epoch nanoseconds. */
  readonly start: bigint;
  readonly end: bigint;
  readonly attributes: Readonly<Record<string, Value>>;
  readonly isFailed: boolean;
  /** `traceId-spanId` of each. */
  readonly links: readonly string[];
  readonly resource: Readonly<Record<string, Value>>;
}

/** A request to the collector. */
export interface OtlpRequest {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** A collector that takes OTLP as JSON, and keeps it. */
export interface Otlp {
  readonly url: string;
  readonly requests: readonly OtlpRequest[];
  readonly spans: readonly SeenSpan[];
  /** Waits until spans fit, those that came already included. */
  until(what: string, fits: (spans: readonly SeenSpan[]) => boolean): Promise<readonly SeenSpan[]>;
  /** How the next requests are answered, instead of 200. */
  refuse(...statuses: readonly number[]): void;
  close(): Promise<void>;
}

interface KeyValue {
  readonly key: string;
  readonly value: { readonly stringValue?: string; readonly intValue?: number; readonly boolValue?: boolean };
}
interface JsonSpan {
  readonly name: string;
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly traceState?: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes?: readonly KeyValue[];
  readonly status?: { readonly code?: number };
  readonly links?: readonly { readonly traceId: string; readonly spanId: string }[];
}
interface JsonRequest {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes?: readonly KeyValue[] };
    readonly scopeSpans: readonly { readonly spans: readonly JsonSpan[] }[];
  }[];
}

/** What is empty a collector leaves out. */
const plain = (attributes: readonly KeyValue[] = []): Readonly<Record<string, Value>> =>
  Object.fromEntries(
    attributes.map(({ key, value }) => [key, value.stringValue ?? value.boolValue ?? Number(value.intValue)]),
  );

/** The spans of a request in OTLP's JSON, as a collector writes them to its files too. */
export const spansOf = (text: string): readonly SeenSpan[] =>
  (JSON.parse(text) as JsonRequest).resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map((span) => ({
        name: span.name,
        kind: span.kind,
        traceId: span.traceId,
        spanId: span.spanId,
        parentSpanId: span.parentSpanId === '' ? undefined : span.parentSpanId,
        traceState: span.traceState,
        start: BigInt(span.startTimeUnixNano),
        end: BigInt(span.endTimeUnixNano),
        attributes: plain(span.attributes),
        isFailed: span.status?.code === 2,
        links: (span.links ?? []).map(({ traceId, spanId }) => `${traceId}-${spanId}`),
        resource: plain(resource.attributes),
      })),
    ),
  );

export const startOtlp = async (): Promise<Otlp> => {
  const requests: OtlpRequest[] = [];
  const spans: SeenSpan[] = [];
  const refusals: number[] = [];
  const came = new EventEmitter();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const sent = Buffer.concat(chunks);
      const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent;
      requests.push({ path: request.url ?? '', headers: request.headers, body });
      const status = refusals.shift() ?? 200;
      const isJson = request.headers['content-type'] === 'application/json';
      if (status === 200 && isJson && request.url === '/v1/traces') spans.push(...spansOf(body.toString()));
      response.writeHead(status, { 'content-type': 'application/json' }).end('{}');
      came.emit('request');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    spans,
    async until(what, fits) {
      while (!fits(spans)) {
        try {
          await once(came, 'request', { signal: AbortSignal.timeout(10_000) });
        } catch {
          throw new Error(`${what}: not among ${spans.map(({ name }) => name).join(', ') || 'no spans'}`);
        }
      }
      return spans;
    },
    refuse: (...statuses) => refusals.push(...statuses),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};
