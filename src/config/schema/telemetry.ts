/** Traces and metrics, and where they go. */
import { Type } from '@sinclair/typebox';
import { limits } from '../limits.js';
import { count, duration, oneOf, shareOrZero, url } from './kinds.js';
import { serverCredentials } from './serverCredentials.js';

const closed = { additionalProperties: false } as const;
const { oauth: _oauth, ...credentials } = serverCredentials;

export const telemetry = Type.Object(
  {
    service: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 255,
        description:
          'What the gateway is called there (`service.name`). Default: `OTEL_SERVICE_NAME`, or `sluice`.',
      }),
    ),
    resource: Type.Optional(
      Type.Record(
        Type.String({ pattern: '^[!-~]{1,255}$' }),
        Type.String({ maxLength: 255, description: 'Its value.' }),
        {
          ...closed,
          title: 'attribute',
          description: 'Attributes of all that is sent, such as `deployment.environment.name`.',
        },
      ),
    ),
    otlp: Type.Optional(
      Type.Object(
        {
          endpoint: Type.Optional(
            url(
              'Address of the collector, to which `/v1/traces`, `/v1/metrics` and `/v1/logs` are added. Default: `OTEL_EXPORTER_OTLP_ENDPOINT`, or `http://localhost:4318`.',
            ),
          ),
          ...credentials,
          protocol: Type.Optional(
            oneOf(['http/protobuf', 'http/json'], {
              description: 'How it is written.',
              default: 'http/protobuf',
            }),
          ),
          compression: Type.Optional(
            oneOf(['none', 'gzip'], { description: 'Whether bodies are compressed.', default: 'none' }),
          ),
          timeout: Type.Optional(duration('Longest time for one request.', limits.otlpTimeoutMs)),
          interval: Type.Optional(
            duration('How long what is to be sent may wait for more.', limits.otlpEveryMs),
          ),
        },
        { ...closed, description: 'The collector: OTLP over HTTP.' },
      ),
    ),
    traces: Type.Optional(
      Type.Object(
        {
          ratio: Type.Optional(shareOrZero('Share of the calls that are traced.', 1)),
          parent: Type.Optional(
            oneOf(['follow', 'ignore'], {
              description:
                'Whether a caller that is traced decides over its call. `ignore` where callers are not to be trusted with the amount of traces.',
              default: 'follow',
            }),
          ),
          errors: Type.Optional(
            Type.Boolean({
              description: 'Whether calls that failed are told of though they were not chosen.',
              default: true,
            }),
          ),
        },
        { ...closed, description: 'Traces of calls, by OpenTelemetry.' },
      ),
    ),
    metrics: Type.Optional(
      Type.Object(
        {
          tools: Type.Optional(
            count(
              'Tools that have metrics of their own: the first to be called. The rest are `other`.',
              limits.measuredTools,
              100_000,
            ),
          ),
          otlp: Type.Optional(
            Type.Boolean({ description: 'Whether metrics are sent by OTLP too.', default: false }),
          ),
          interval: Type.Optional(duration('How often they are sent.', limits.otlpMetricsMs)),
        },
        { ...closed, description: 'Metrics; see metrics.md.' },
      ),
    ),
  },
  { ...closed, description: 'Traces and metrics, and where they go; see tracing.md.' },
);
