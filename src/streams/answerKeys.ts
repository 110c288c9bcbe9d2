import { createHash } from 'node:crypto';
import type { CacheRule } from '../config/cacheSettings.js';
import type { ServerSettings } from '../config/settings.js';
import { canonicalJson } from '../protocol/canonicalJson.js';
import { relayable } from '../protocol/input.js';
import { isObject, type Params } from '../protocol/jsonrpc.js';
import { metaOf } from '../protocol/mcp.js';
import { capabilitiesOf } from './capabilitiesOf.js';
import type { Authenticated, Authorized, Exchange, InSession, Resolved } from './exchange.js';
import { callerIdentity } from './callerIdentity.js';
import { kept } from './kept.js';

/** Under which keys an answer may be found. */
export interface AnswerKeys {
  /** For all callers of the tenant and namespace; undefined where the server is spoken to in the name of each caller. */
  readonly shared: string | undefined;
  /** For this caller, and whatever its credential is good for. */
  readonly own: string;
}

/**
 * The keys of a call's answer: whatever may make it another one is in them. That is the server with its whole configuration, the method,
 * what it is sent (arguments, vendor keys of `_meta`, headers that a policy adds), what the client can be asked for, the tenant and
 * the namespace; and, unless the answer is everybody's, who calls with which credential. Not in them is what tells one call from the next:
 * id, progress token, trace context.
 */
export const answerKeys = (
  exchange: Exchange & Authenticated & InSession & Resolved & Partial<Authorized>,
  { vary }: CacheRule,
): AnswerKeys => {
  const { target, origin, principal, decision } = exchange;
  const { settings } = target.server;
  const about = canonicalJson([
    settings.name,
    fingerprint(settings),
    target.method,
    vary === undefined ? lasting(exchange) : chosen(target.params, vary),
    decision?.obligations.headers ?? null,
    relayable(capabilitiesOf(exchange)),
    principal.tenant ?? null,
    origin.namespace ?? null,
  ]);
  return {
    shared: isPersonal(settings) ? undefined : hashed(`public ${about}`),
    own: hashed(`private ${about} ${callerIdentity(exchange)}`),
  };
};

/** Whether each caller has credentials of its own at the server. */
const isPersonal = (settings: ServerSettings): boolean => {
  const grant = 'oauth' in settings ? settings.oauth.grant : undefined;
  return grant !== undefined && grant !== 'client_credentials' && grant !== 'authorization_code';
};

const traceKeys: ReadonlySet<string> = new Set(['traceparent', 'tracestate', 'baggage']);

/** The params without what is another in each call. */
const lasting = ({ target: { params }, notes }: Exchange & Resolved): Params => {
  const { _meta: _tells, arguments: given, ...rest } = params;
  const meta = Object.entries(metaOf(params)).filter(([key]) => !traceKeys.has(key));
  return {
    ...rest,
    ...(meta.length > 0 && { _meta: Object.fromEntries(meta) }),
    arguments:
      isObject(given) && !hasContext(notes.resolved?.params['arguments']) ? withoutMoment(given) : given,
  };
};

/** When and in which trace it was called is told by the gateway (`transform`), unless the client has something of that name. */
const withoutMoment = (given: Params): Params => {
  const { _context: context, ...rest } = given;
  if (!isObject(context)) return given;
  const { timestamp: _timestamp, trace_id: _trace, ...who } = context;
  return { ...rest, _context: who };
};

const hasContext = (given: unknown): boolean => isObject(given) && '_context' in given;

/** What is asked for always counts. */
const chosen = (params: Params, vary: readonly string[]): readonly unknown[] =>
  ['name', 'uri', ...vary].map((path) => [path, valueAt(params, path.split('.'))]);

const valueAt = (value: unknown, [step, ...rest]: readonly string[]): unknown => {
  if (step === undefined) return value;
  return isObject(value) && Object.hasOwn(value, step) ? valueAt(value[step], rest) : undefined;
};

/**
 * A server as it is configured: what was remembered of one that is another now is not found any more. Where discovery says at which
 * addresses it runs, these come and go.
 */
const fingerprint = (settings: ServerSettings): string =>
  kept(fingerprints, settings, () =>
    hashed(
      JSON.stringify(
        settings.discovered === undefined ? settings : { ...settings, urls: undefined, balancing: undefined },
      ),
    ),
  );
const fingerprints = new WeakMap<ServerSettings, string>();

const hashed = (text: string): string => createHash('sha256').update(text).digest('base64url');
