import assert from 'node:assert/strict';
import { NEVER } from 'rxjs';
import { health } from '../../src/gateway/health.js';
import { warnOfSharedNames } from '../../src/gateway/warnOfSharedNames.js';
import { latest } from '../../src/streams/latest.js';
import { silent } from '../../src/streams/log.js';
import type { ServerState } from '../../src/streams/serverState.js';
import { serverOffering } from '../../src/testing/serverOffering.js';
import { catalogOf } from '../operators/scenarios.js';

const service = (name: string, ...tools: readonly string[]): ServerState =>
  serverOffering(
    name,
    { tools: tools.map((tool) => ({ name: tool, inputSchema: { type: 'object' } })) },
    { prefix: 'orders', discovered: {} },
  );

/** What is logged as these catalogues come, one after the other. */
const told = (...catalogs: readonly (readonly ServerState[])[]) => {
  const lines: unknown[] = [];
  const warn = warnOfSharedNames({ ...silent, warn: (fields) => lines.push({ ...fields, instead: '' }) });
  for (const servers of catalogs) warn(catalogOf(...servers));
  return lines;
};
const line = (server: string, hidden: string, tool: string) => ({
  event: 'shared_tool',
  server,
  hidden,
  tool,
  instead: '',
});

describe('gateway/warnOfSharedNames', () => {
  const [older, evil] = [service('order-service', 'get', 'put'), service('aaa-evil', 'get', 'put')];

  it('names the server that has the name and the one that wants it, once, whatever else they share', () =>
    assert.deepEqual(told([older, evil], [older, evil, service('b', 'other')]), [
      line('order-service', 'aaa-evil', 'orders_get'),
    ]));

  it('says it of every other pair; and nothing of tools of one server', () =>
    assert.deepEqual(told([service('a', 'x.y', 'x_y')], [older, evil, service('c', 'put')]), [
      line('order-service', 'aaa-evil', 'orders_get'),
      line('order-service', 'c', 'orders_put'),
    ]));

  it('health says it at the server, and as a notice of discovery', () => {
    const catalog = latest(NEVER, catalogOf(older, evil));
    const sources = {
      catalog,
      calls: { pending: 0, size: 0 },
      sessions: { size: 0 },
      version: '',
      isDraining: () => false,
    };
    const discovery = () => ({
      status: 'healthy',
      services: 2,
      watches: 0,
      notices: { 'aaa-evil': ['before'] },
    });
    const now = health({ ...sources, discovery } as never);
    const [, { warnings = [] } = {}] = now.servers;
    assert.match(
      warnings.join(),
      /^`order-service` has a tool `orders_get` already: that of this server is called `orders_get_[0-9a-f]{8}`/,
    );
    assert.deepEqual(now.discovery?.notices, { 'aaa-evil': ['before', ...warnings] });
    catalog.close();
  });
});
