import { limits } from './limits.js';
import type { Env } from './expandEnv.js';
import { milliseconds } from './milliseconds.js';
import type { RawConfig } from './schema.js';
import { Secret } from './secret.js';
import type { OtlpSettings, OtlpSignal, TelemetrySettings, TraceSettings } from './telemetrySettings.js';
import { toClientTls } from './toClientTls.js';

type Raw = NonNullable<RawConfig['telemetry']>;

/**
 * `telemetry` with its defaults. What the file does not say of the collector, of the service's name and of sampling, OpenTelemetry's own
 * environment variables do; they turn nothing on by themselves, but `OTEL_SDK_DISABLED` turns off.
 */
export const toTelemetry = (raw: Raw, env: Env): TelemetrySettings => {
  const isOff = env['OTEL_SDK_DISABLED']?.toLowerCase() === 'true';
  const { traces, metrics } = raw;
  return {
    otlp: toOtlp(raw, env),
    traces: traces === undefined || isOff ? undefined : toTraces(traces, env),
    metrics: {
      maxTools: metrics?.tools ?? limits.measuredTools,
      everyMs:
        metrics?.otlp !== true || isOff
          ? undefined
          : metrics.interval === undefined
            ? limits.otlpMetricsMs
            : milliseconds(metrics.interval),
    },
  };
};

const toOtlp = ({ otlp = {}, service, resource }: Raw, env: Env): OtlpSettings => {
  const { endpoint, tls, protocol, compression, timeout, interval } = otlp;
  const url = (signal: OtlpSignal): string => {
    const own = env[`OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_ENDPOINT`];
    if (endpoint === undefined && own !== undefined && isHttp(own)) return own;
    const given = endpoint ?? env['OTEL_EXPORTER_OTLP_ENDPOINT'];
    const base = given !== undefined && isHttp(given) ? given : 'http://localhost:4318';
    return `${base.replace(/\/+$/, '')}/v1/${signal}`;
  };
  // What the file says is of more weight, whatever case it is written in.
  const headers = { ...lower(pairs(env['OTEL_EXPORTER_OTLP_HEADERS'])), ...lower(otlp.headers ?? {}) };
  const written = protocol ?? env['OTEL_EXPORTER_OTLP_PROTOCOL'];
  const timeoutMs = Number(env['OTEL_EXPORTER_OTLP_TIMEOUT']);
  return {
    urls: { traces: url('traces'), metrics: url('metrics'), logs: url('logs') },
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, new Secret(Buffer.from(value, 'latin1'))]),
    ),
    ...(tls !== undefined && { tls: toClientTls(tls) }),
    encoding: written === 'http/json' ? 'json' : 'protobuf',
    isCompressed: (compression ?? env['OTEL_EXPORTER_OTLP_COMPRESSION']) === 'gzip',
    timeoutMs:
      timeout === undefined ? (timeoutMs > 0 ? timeoutMs : limits.otlpTimeoutMs) : milliseconds(timeout),
    everyMs: interval === undefined ? limits.otlpEveryMs : milliseconds(interval),
    resource: {
      ...pairs(env['OTEL_RESOURCE_ATTRIBUTES']),
      ...resource,
      'service.name': service ?? env['OTEL_SERVICE_NAME'] ?? resource?.['service.name'] ?? 'sluice',
    },
  };
};

const isHttp = (text: string): boolean => /^https?:\/\//i.test(text) && URL.canParse(text);

const toTraces = ({ ratio, parent, errors }: NonNullable<Raw['traces']>, env: Env): TraceSettings => {
  const sampler = env['OTEL_TRACES_SAMPLER'] ?? '';
  return {
    ratio: ratio ?? ratioOf(sampler, env['OTEL_TRACES_SAMPLER_ARG']),
    followsParent:
      parent === undefined ? sampler === '' || sampler.startsWith('parentbased') : parent === 'follow',
    hasErrors: errors ?? true,
  };
};

const ratioOf = (sampler: string, argument: string | undefined): number => {
  if (sampler.endsWith('always_off')) return 0;
  const ratio = Number(argument ?? NaN);
  return sampler.endsWith('traceidratio') && ratio >= 0 && ratio <= 1 ? ratio : 1;
};

const lower = (headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

/** `key=value,key=value`, values encoded like URLs; what is malformed is left out, as OpenTelemetry wants it. */
const pairs = (text = ''): Readonly<Record<string, string>> =>
  Object.fromEntries(
    text.split(',').flatMap((pair): (readonly [string, string])[] => {
      const [, name, value] = /^\s*([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*=(.*)$/.exec(pair) ?? [];
      const decoded = value === undefined ? undefined : decode(value.trim());
      return name === undefined || decoded === undefined || !/^[\t\x20-\x7e]*$/.test(decoded)
        ? []
        : [[name, decoded]];
    }),
  );

const decode = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined; // A lone percent sign: malformed.
  }
};
