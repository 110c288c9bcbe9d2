import { readFileSync } from 'node:fs';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import Consul from 'consul';
import type { ConsulSettings } from '../../config/consulSettings.js';

/**
 * A client of the agent that the settings name. Its TLS files are read now.
 *
 * @throws Error when a file of `tls` can't be read
 */
export const consulClient = ({ url, token, namespace, tls }: ConsulSettings): Consul => {
  const { origin, pathname, protocol } = new URL(url);
  const keepAlive = { keepAlive: true };
  const agent =
    protocol === 'https:'
      ? new HttpsAgent({
          ...keepAlive,
          ...(tls?.caFile !== undefined && { ca: readFileSync(tls.caFile) }),
          ...(tls?.certFile !== undefined && { cert: readFileSync(tls.certFile) }),
          ...(tls?.keyFile !== undefined && { key: readFileSync(tls.keyFile) }),
          ...(tls?.serverName !== undefined && { servername: tls.serverName }),
        })
      : new HttpAgent(keepAlive);
  const options = {
    agent,
    baseUrl: `${origin}${pathname.replace(/\/+$/, '')}/v1`,
    // The package knows no namespaces (Consul Enterprise) for most of its questions; the agent takes them from a header too.
    ...(namespace !== undefined && { headers: { 'x-consul-namespace': namespace } }),
    ...(token !== undefined && token !== '' && { defaults: { token } }),
  };
  return new Consul(options);
};
