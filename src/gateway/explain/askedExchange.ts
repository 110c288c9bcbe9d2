import { anonymous } from '../../operators/authenticate.js';
import { metaKeys } from '../../protocol/mcp.js';
import { knownRevision } from '../../protocol/revisions/index.js';
import type { AskedCaller, ExplainQuestion } from '../../protocol/explain/explanation.js';
import { exchange, type Exchange, type Principal } from '../../streams/exchange.js';
import { knownPrincipal } from '../../streams/knownPrincipal.js';
import { alwaysOpen } from '../../streams/valve.js';

/** Whom a question is about, as if they had said so. */
export const askedPrincipal = ({ user, client, tenant, roles, scopes, claims }: AskedCaller): Principal =>
  [user, client, tenant, roles, scopes, claims].every((given) => given === undefined)
    ? anonymous
    : knownPrincipal({
        id: user ?? client ?? tenant ?? 'somebody',
        // With claims it is a token's; else limits are counted as those of an API key: by user and tenant alone.
        method: claims === undefined ? 'api_key' : 'jwt',
        ...(user !== undefined && { user }),
        ...(client !== undefined && { clientId: client }),
        ...(tenant !== undefined && { tenant }),
        ...(roles !== undefined && { roles }),
        ...(scopes !== undefined && { scopes }),
        ...(claims !== undefined && { claims }),
      });

/** A question as the call that it is about, from nowhere and with nobody to read the answer. */
export const askedExchange = ({ method, name, arguments: given, namespace }: ExplainQuestion): Exchange =>
  exchange({
    message: {
      jsonrpc: '2.0',
      id: 'explained',
      method,
      params: {
        ...(method === 'resources/read' ? { uri: name } : { name }),
        ...(given !== undefined && { arguments: given }),
        _meta: {
          [metaKeys.protocolVersion]: version,
          [metaKeys.clientCapabilities]: {},
          [metaKeys.clientInfo]: { name: 'sluice explain', version: '1' },
        },
      },
    },
    outlet: {
      valve: alwaysOpen,
      onGone: () => undefined,
      next: () => undefined,
      error: () => undefined,
      complete: () => undefined,
    },
    origin: {
      transport: 'in-process',
      namespace,
      revision: knownRevision(version),
      sessionId: undefined,
      headers: {},
      address: undefined,
      batch: false,
    },
  });

const version = '2026-07-28';
