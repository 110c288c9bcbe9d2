import { refusal } from '../../protocol/errors.js';

export interface EndpointOptions {
  /** Path of the endpoint; namespaces lie beneath it. */
  readonly path: string;
  /** Whether a namespace exists. */
  readonly hasNamespace: (name: string) => boolean;
}

/**
 * The namespace of a URL, undefined for the endpoint of all servers.
 *
 * @throws GatewayError `ERR_NAMESPACE_UNKNOWN` for a path that leads nowhere
 */
export const namespaceOf = (url: string, { path, hasNamespace }: EndpointOptions): string | undefined => {
  const query = url.indexOf('?');
  const pathname = query < 0 ? url : url.slice(0, query);
  if (pathname === path || pathname === `${path}/`) return undefined;
  const name = pathname.startsWith(`${path}/`) ? pathname.slice(path.length + 1) : undefined;
  if (name === undefined)
    throw refusal('ERR_NAMESPACE_UNKNOWN', `Nothing is served here; the endpoint is ${path}`);
  if (!hasNamespace(name))
    throw refusal(
      'ERR_NAMESPACE_UNKNOWN',
      `There is no such namespace; the endpoint of all servers is ${path}`,
    );
  return name;
};
