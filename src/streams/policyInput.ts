import { createHash } from 'node:crypto';
import { isObject } from '../protocol/jsonrpc.js';
import { metaKeys, metaOf, type ToolAnnotations } from '../protocol/mcp.js';
import type { Authenticated, Exchange, InSession } from './exchange.js';
import type { ServerState } from './serverState.js';
import type { Session } from './sessions.js';

/**
 * What a policy is told of a call: `input` in Rego. Described for its authors in docs/opa.md and schema/policy-input.schema.json. What
 * is not known is not there. Grows within a version, and never changes.
 */
export interface PolicyInput {
  readonly version: 1;
  /** The MCP method; of something in a list that of the list. */
  readonly method: string;
  /** RFC 3339, in UTC. */
  readonly time: string;
  /** Which instance of the gateway asks. */
  readonly instance?: string;
  readonly namespace?: string;
  readonly tenant?: string;
  /** The peer's address. */
  readonly address?: string;
  readonly transport: string;
  /** A digest of the session's id. */
  readonly session?: string;
  readonly client: {
    /** The OAuth client. */
    readonly id?: string;
    /** What the program says of itself: nothing vouches for it. */
    readonly name?: string;
    readonly version?: string;
  };
  readonly identity: {
    readonly id: string;
    readonly method: string;
    readonly anonymous: boolean;
    readonly user?: string;
    readonly scopes: readonly string[];
    readonly roles: readonly string[];
  };
  readonly claims: Readonly<Record<string, unknown>>;
  readonly server: {
    readonly name: string;
    readonly type: string;
    readonly category?: string;
    readonly group?: string;
    readonly version?: string;
  };
  readonly tool?: {
    /** As clients call it. */
    readonly name: string;
    /** The server's own name. */
    readonly own: string;
    readonly annotations: ToolAnnotations;
    readonly category?: string;
  };
  readonly prompt?: { readonly name: string; readonly own: string };
  readonly resource?: { readonly uri: string } | { readonly template: string };
  readonly arguments?: unknown;
}

/** What a call is about. */
export type Subject = Pick<PolicyInput, 'tool' | 'prompt' | 'resource' | 'arguments'>;

/** Who asks and from where: what is the same for everything that a caller asks at a time. */
export type Asker = Omit<PolicyInput, 'method' | 'time' | 'server' | keyof Subject>;

/** @param instance the id of this instance of the gateway; empty for one that is alone */
export const askerOf = (exchange: Exchange & Authenticated & InSession, instance: string): Asker => {
  const { origin, message, principal, session } = exchange;
  const { namespace, address, transport } = origin;
  const { tenant, clientId, user, id, method, anonymous = false, scopes, roles, claims } = principal;
  const said = session?.clientInfo ?? metaOf(message.params)[metaKeys.clientInfo];
  const { name, version } = isObject(said) ? said : {};
  return {
    version: 1,
    ...(instance !== '' && { instance }),
    ...(namespace !== undefined && { namespace }),
    ...(tenant !== undefined && { tenant }),
    ...(address !== undefined && { address }),
    transport,
    ...(session !== undefined && { session: digestOf(session) }),
    client: {
      ...(clientId !== undefined && { id: clientId }),
      ...(typeof name === 'string' && { name }),
      ...(typeof version === 'string' && { version }),
    },
    identity: { id, method, anonymous, ...(user !== undefined && { user }), scopes, roles },
    claims,
  };
};

/** The input of one question. */
export const policyInput = (
  asker: Asker,
  method: string,
  { settings }: Pick<ServerState, 'settings'>,
  subject: Subject,
  now: number,
): PolicyInput => {
  const { name, type, discovered } = settings;
  const { category, group, version } = discovered ?? {};
  return {
    ...asker,
    method,
    time: new Date(now).toISOString(),
    server: {
      name,
      type,
      ...(category !== undefined && { category }),
      ...(group !== undefined && { group }),
      ...(version !== undefined && { version }),
    },
    ...subject,
    ...(subject.tool !== undefined && category !== undefined && { tool: { category, ...subject.tool } }),
  };
};

/** Hashing costs a microsecond: once for each session. */
const digests = new WeakMap<Session, string>();

const digestOf = (session: Session): string => {
  const known = digests.get(session);
  if (known !== undefined) return known;
  const digest = createHash('sha256').update(session.id).digest('hex').slice(0, 32);
  digests.set(session, digest);
  return digest;
};
