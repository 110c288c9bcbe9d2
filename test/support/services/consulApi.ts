import { request } from 'undici';
import type { Consul } from './startConsul.js';

/** What a service registers with; see Consul's `/v1/agent/service/register`. */
export interface ServiceDefinition {
  readonly Name: string;
  readonly ID?: string;
  readonly Address?: string;
  readonly Port?: number;
  readonly Tags?: readonly string[];
  readonly Meta?: Readonly<Record<string, string>>;
  readonly Check?: Readonly<Record<string, unknown>>;
}

/** What services and operators do at an agent, over its HTTP API as they do it. */
export interface ConsulApi {
  register(service: ServiceDefinition): Promise<void>;
  deregister(id: string): Promise<void>;
  /** Sets a TTL check of a service. */
  check(id: string, status: 'passing' | 'warning' | 'critical'): Promise<void>;
  put(key: string, value: string): Promise<void>;
  remove(key: string): Promise<void>;
}

/** The API of an agent. Each call resolves when the agent has taken it, and rejects when it has not. */
export const consulApi = ({ url }: Pick<Consul, 'url'>, token?: string): ConsulApi => {
  const send = async (method: 'PUT' | 'DELETE', path: string, body?: string): Promise<void> => {
    const headers = token === undefined ? {} : { 'x-consul-token': token };
    const answer = await request(`${url}/v1${path}`, { method, headers, body: body ?? null });
    const text = await answer.body.text();
    if (answer.statusCode !== 200) throw new Error(`${method} ${path}: ${answer.statusCode} ${text}`);
  };
  return {
    register: (service) => send('PUT', '/agent/service/register', JSON.stringify(service)),
    deregister: (id) => send('PUT', `/agent/service/deregister/${id}`),
    check: (id, status) =>
      send('PUT', `/agent/check/update/service:${id}`, JSON.stringify({ Status: status })),
    put: (key, value) => send('PUT', `/kv/${key}`, value),
    remove: (key) => send('DELETE', `/kv/${key}`),
  };
};
