import { isObject } from '../../protocol/jsonrpc.js';

/** The worst of the checks of an instance and its node. */
export type CheckStatus = 'passing' | 'warning' | 'critical';

/** One instance of a service, as it is registered. */
export interface Registration {
  readonly id: string;
  readonly service: string;
  readonly datacenter: string;
  readonly address: string;
  readonly port: number;
  readonly meta: Readonly<Record<string, string>>;
  readonly tags: readonly string[];
  readonly status: CheckStatus;
  /** Greater for what was registered later. */
  readonly modifyIndex: number;
  /** Smaller for what was registered first, and the same as long as the registration is there; only within its datacenter. */
  readonly createIndex: number;
}

/** Reads an answer of `/v1/health/service/{name}`. What is no registration is left out. */
export const registrations = (answer: unknown): readonly Registration[] =>
  Array.isArray(answer) ? answer.flatMap(registration) : [];

const registration = (entry: unknown): readonly Registration[] => {
  if (!isObject(entry) || !isObject(entry['Service']) || !isObject(entry['Node'])) return [];
  const { Service: service, Node: node, Checks: checks } = entry;
  const name = text(service['Service']);
  const address = text(service['Address']) || text(node['Address']);
  if (name === '' || address === '') return [];
  const meta = isObject(service['Meta']) ? service['Meta'] : {};
  return [
    {
      id: text(service['ID']),
      service: name,
      datacenter: text(node['Datacenter']),
      address,
      port: Number(service['Port'] ?? 0),
      meta: Object.fromEntries(Object.entries(meta).map(([key, value]) => [key, text(value)])),
      tags: Array.isArray(service['Tags']) ? service['Tags'].map(text) : [],
      status: worst(Array.isArray(checks) ? checks : []),
      modifyIndex: Number(service['ModifyIndex'] ?? 0),
      // Where Consul does not say, it is no older than others.
      createIndex: Number(service['CreateIndex']) || Infinity,
    },
  ];
};

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

const worst = (checks: readonly unknown[]): CheckStatus => {
  const found = new Set(checks.map((check) => (isObject(check) ? check['Status'] : undefined)));
  // Maintenance is a critical check, and so is whatever a later Consul may call it.
  if ([...found].some((status) => status !== 'passing' && status !== 'warning')) return 'critical';
  return found.has('warning') ? 'warning' : 'passing';
};
