import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Settings } from '../config/settings.js';
import { fromUnknown } from '../protocol/errors.js';
import { metadataPath, resourceUrl } from '../protocol/identity/resourceUrl.js';
import { guardHost } from '../sources/http/guard.js';
import { namespaceOf } from '../sources/http/namespaceOf.js';
import { refuse } from '../sources/http/refuse.js';
import type { RequestFeed } from '../sources/http/requestFeed.js';
import type { Latest } from '../streams/latest.js';
import { endpointOf } from './endpointOf.js';
import { guardOf } from './guardOf.js';
import { publicOrigin } from './publicOrigin.js';

/**
 * Answers who asks what the gateway is to OAuth (RFC 9728), for each of its routes, and passes on all other requests.
 *
 * Everybody may know, pages of any origin too: who has no token yet begins here.
 */
export const describeResources = (requests: RequestFeed, settings: Latest<Settings>): RequestFeed => {
  const rest = new EventEmitter();
  requests.on('request', (request, response) => {
    const path = metadataPath(request.url ?? '/');
    const { auth } = settings.current;
    if (path === undefined || auth === undefined || auth.authorizationServers.length === 0)
      return void rest.emit('request', request, response);
    try {
      answer(request, response, path, settings.current);
    } catch (error) {
      refuse(request, response, fromUnknown(error));
    }
  });
  return rest;
};

const answer = (
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  settings: Settings,
): void => {
  const { headers, method } = request;
  // Any page may ask; a foreign Host may not, for it is part of the answer.
  guardHost(headers.host, guardOf(settings).allowedHosts);
  response.setHeader('access-control-allow-origin', '*');
  request.resume();
  if (method === 'OPTIONS') {
    const allowed = { 'access-control-allow-methods': 'GET', 'access-control-allow-headers': '*' };
    return void response.writeHead(204, allowed).end();
  }
  if (method !== 'GET' && method !== 'HEAD') return void response.writeHead(405, { allow: 'GET' }).end();
  const namespace = path === '' ? undefined : namespaceOf(path, endpointOf(settings));
  const text = JSON.stringify(metadataOf(settings, publicOrigin(settings)(headers), namespace));
  response.writeHead(200, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'public, max-age=300',
  });
  response.end(method === 'HEAD' ? undefined : text);
};

const metadataOf = ({ auth, listen }: Settings, origin: string, namespace: string | undefined) => {
  const scopes = new Set([...(auth?.requiredScopes ?? []), ...(auth?.supportedScopes ?? [])]);
  // It asks for a refresh token, which is the client's own affair.
  scopes.delete('offline_access');
  return {
    resource: resourceUrl(origin, listen.path, namespace).resource,
    authorization_servers: auth?.authorizationServers,
    bearer_methods_supported: ['header'],
    resource_name: namespace === undefined ? 'Sluice' : `Sluice (${namespace})`,
    ...(scopes.size > 0 && { scopes_supported: [...scopes] }),
  };
};
