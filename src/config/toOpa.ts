import { resolve } from 'node:path';
import { bytes } from './bytes.js';
import { limits } from './limits.js';
import { milliseconds } from './milliseconds.js';
import type { OpaSettings, PolicyPlace, PolicySettings, PolicySource } from './opaSettings.js';
import type { RawConfig } from './schema.js';
import type { RawPolicy } from './schema/opa.js';
import { Secret } from './secret.js';
import { toConsul } from './toConsul.js';

/** What is asked for where nothing else is said. */
const usualPath = 'sluice/allow';

/**
 * How policies are evaluated, where any can be: the gateway's own, those of servers, those that discovered services name.
 *
 * @param baseDir what relative paths start from
 */
export const toOpa = (config: RawConfig, baseDir: string): { readonly opa?: OpaSettings } => {
  const { opa: raw, consul, servers } = config;
  const some = Object.values(servers ?? {}).some(({ opa }) => opa !== undefined);
  if (raw === undefined && consul === undefined && !some) return {};
  const { program = 'opa', timeout, cache_ttl: ttl, poll, token, max_memory: memory, shadow } = raw ?? {};
  return {
    opa: {
      ...(raw !== undefined && sourceOf(raw, baseDir) !== undefined && { policy: toPolicy(raw, baseDir) }),
      ...(shadow !== undefined && { shadow: toPolicy(shadow, baseDir) }),
      program: program.includes('/') ? resolve(baseDir, program) : program,
      timeoutMs: timeout === undefined ? limits.opaTimeoutMs : milliseconds(timeout),
      cacheTtlMs: ttl === undefined ? limits.opaCacheMs : milliseconds(ttl),
      cacheMax: raw?.cache_max ?? limits.opaCached,
      pollMs: poll === undefined ? limits.opaPollMs : milliseconds(poll),
      ...(token !== undefined && { token: new Secret(Buffer.from(token)) }),
      maxSteps: raw?.max_steps ?? limits.opaSteps,
      maxMemoryBytes: memory === undefined ? limits.opaMemoryBytes : bytes(memory),
      lists: raw?.lists ?? true,
      ...(consul !== undefined && { consul: toConsul(consul, config, baseDir) }),
    },
  };
};

/** One decision to ask for; without a source of its own where none is written. */
export const toPolicy = (raw: RawPolicy, baseDir: string): PolicySettings => {
  const source = sourceOf(raw, baseDir);
  return { ...(source !== undefined && { source }), path: raw.path ?? usualPath };
};

const sourceOf = ({ bundle, rego, url }: RawPolicy, baseDir: string): PolicySource | undefined => {
  if (bundle !== undefined) return { kind: 'bundle', at: placeOf(bundle, baseDir) };
  if (rego !== undefined) return { kind: 'rego', at: [rego].flat().map((one) => placeOf(one, baseDir)) };
  return url === undefined ? undefined : { kind: 'server', url };
};

const placeOf = (text: string, baseDir: string): PolicyPlace => {
  const key = /^consul:\/*(.+)$/s.exec(text)?.[1];
  if (key !== undefined) return { kind: 'key', key };
  return /^https?:\/\//i.test(text)
    ? { kind: 'url', url: text }
    : { kind: 'file', path: resolve(baseDir, text) };
};
