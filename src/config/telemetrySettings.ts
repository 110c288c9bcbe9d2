import type { ClientTlsSettings } from './clientTlsSettings.js';
import type { Secret } from './secret.js';

/** What signals there are to be sent by OTLP. */
export type OtlpSignal = 'traces' | 'metrics' | 'logs';

/** Where telemetry goes by OTLP over HTTP. */
export interface OtlpSettings {
  /** The whole URL of each signal. */
  readonly urls: Readonly<Record<OtlpSignal, string>>;
  /** May hold credentials. */
  readonly headers: Readonly<Record<string, Secret>>;
  readonly tls?: ClientTlsSettings;
  readonly encoding: 'protobuf' | 'json';
  readonly isCompressed: boolean;
  /** Longest time for one request. */
  readonly timeoutMs: number;
  /** How long something may wait for more to be sent with it. */
  readonly everyMs: number;
  /** What everything sent is labelled with: the service's name and whatever else is configured. */
  readonly resource: Readonly<Record<string, string>>;
}

/** Which calls are traced. */
export interface TraceSettings {
  /** Share of the calls that begin a trace here. */
  readonly ratio: number;
  /** Whether what a caller says of its own trace decides over its call. */
  readonly followsParent: boolean;
  /** Whether calls that failed are told of though they were not chosen. */
  readonly hasErrors: boolean;
}

export interface MetricSettings {
  /** Tools that have metrics of their own; the rest are one. */
  readonly maxTools: number;
  /** How often metrics are sent by OTLP; undefined where they are not. */
  readonly everyMs: number | undefined;
}

export interface TelemetrySettings {
  readonly otlp: OtlpSettings;
  /** Undefined where calls are not traced. */
  readonly traces: TraceSettings | undefined;
  readonly metrics: MetricSettings;
}
