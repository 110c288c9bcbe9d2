import type { HttpSettings, ServerSettings, Settings } from '../../src/config/settings.js';

/** Settings that tests make small, so that what takes minutes in life takes a moment here. Plain data: it crosses processes. */
export interface GatewayOverrides {
  readonly http?: Partial<HttpSettings>;
  readonly sessions?: Partial<Settings['sessions']>;
  /** For every server. */
  readonly servers?: { readonly timeoutMs?: number; readonly listTimeoutMs?: number };
  readonly tasks?: Partial<Settings['tasks']>;
  readonly maxCallMs?: number;
  readonly maxCallsPerConnection?: number;
  readonly webSocket?: boolean;
  readonly drainDelayMs?: number;
  readonly drainTimeoutMs?: number;
}

/** The settings with the overrides put in. */
export const overridden = (
  settings: Settings,
  { http, sessions, tasks, servers, maxCallsPerConnection, webSocket, ...rest }: GatewayOverrides,
): Settings => ({
  ...settings,
  ...rest,
  http: { ...settings.http, ...http },
  sessions: { ...settings.sessions, ...sessions },
  tasks: { ...settings.tasks, ...tasks },
  transports: {
    ...settings.transports,
    ...(maxCallsPerConnection !== undefined && { maxCallsPerConnection }),
    ...(webSocket !== undefined && { webSocket: { enabled: webSocket } }),
  },
  servers: settings.servers.map((server): ServerSettings => ({ ...server, ...servers })),
});
