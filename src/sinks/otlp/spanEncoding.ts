import { SpanKind, SpanStatusCode, TraceFlags } from '@opentelemetry/api';
import { JsonTraceSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import type { RemoteSpan } from '../../protocol/traceParent.js';
import type { Span } from '../traces/span.js';
import type { OtlpEncoding } from './otlpEncoding.js';
import { resourceOf } from './resourceOf.js';
import { timeOf } from './timeOf.js';

type Exported = Parameters<typeof ProtobufTraceSerializer.serializeRequest>[0][number];
type Context = ReturnType<Exported['spanContext']>;

const kinds = { internal: SpanKind.INTERNAL, server: SpanKind.SERVER, client: SpanKind.CLIENT } as const;
const sampled = TraceFlags.SAMPLED;

/** How spans are written: by OpenTelemetry's own serializers. Loaded when the first are to be sent. */
export const spanEncoding = (version: string): OtlpEncoding<Span> => {
  const scope = { name: 'sluice', version };
  return {
    encode(spans, settings) {
      const resource = resourceOf(settings, version);
      const serializer = settings.encoding === 'json' ? JsonTraceSerializer : ProtobufTraceSerializer;
      const written = serializer.serializeRequest(spans.map((span) => exported(span, resource, scope)));
      if (written === undefined) throw new Error('Nothing was written');
      return written;
    },
    rejected: (answer) => (answer.length === 0 ? 0 : (answered(answer).partialSuccess?.rejectedSpans ?? 0)),
  };
};

/** A collector answers in the encoding it was asked in. */
const answered = (answer: Uint8Array) =>
  (answer[0] === 0x7b ? JsonTraceSerializer : ProtobufTraceSerializer).deserializeResponse(answer);

const exported = (
  span: Span,
  resource: Exported['resource'],
  scope: Exported['instrumentationScope'],
): Exported => {
  const { name, traceId, spanId, parentId, isEntry, state, failure, beside } = span;
  const context: Context = {
    traceId,
    spanId,
    traceFlags: sampled,
    ...(state !== undefined && { traceState: stateOf(state) }),
  };
  return {
    name,
    kind: kinds[span.kind],
    spanContext: () => context,
    ...(parentId !== undefined && {
      parentSpanContext: { traceId, spanId: parentId, traceFlags: sampled, isRemote: isEntry },
    }),
    startTime: timeOf(span.start),
    endTime: timeOf(span.end),
    duration: timeOf(span.end - span.start),
    ended: true,
    status:
      failure === undefined
        ? { code: SpanStatusCode.UNSET }
        : { code: SpanStatusCode.ERROR, message: failure },
    attributes: known(span.attributes),
    links: beside === undefined ? [] : [{ context: linked(beside) }],
    events: [],
    resource,
    instrumentationScope: scope,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
};

const known = (attributes: Span['attributes']): Exported['attributes'] =>
  Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined));

const linked = ({ traceId, spanId, isSampled }: RemoteSpan): Context => ({
  traceId,
  spanId,
  traceFlags: isSampled ? sampled : 0,
  isRemote: true,
});

/** Only written, never changed. */
const stateOf = (state: string): NonNullable<Context['traceState']> => {
  const same = { serialize: () => state, get: () => undefined, set: () => same, unset: () => same };
  return same;
};
