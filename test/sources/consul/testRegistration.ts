import type { Registration } from '../../../src/sources/consul/registration.js';

/** An instance of service `a` that is to be offered. */
export const testRegistration = (
  meta: Readonly<Record<string, string>>,
  more: Partial<Registration> = {},
): Registration => ({
  id: 'a-1',
  service: 'a',
  datacenter: 'dc1',
  address: '10.0.0.1',
  port: 80,
  meta: { 'mcp-enabled': 'true', ...meta },
  tags: [],
  status: 'passing',
  modifyIndex: 1,
  createIndex: 1,
  ...more,
});
