import assert from 'node:assert/strict';
import { mergeServers } from '../../../src/gateway/admin/inside/mergeServers.js';
import type { InstanceRow, ServerRow } from '../../../src/gateway/admin/questions.js';

const instance = (id: string, more: Partial<InstanceRow> = {}): InstanceRow => ({
  id,
  status: 'up',
  health: 'passing',
  breaker: 'closed',
  calls_in_flight: 1,
  ...more,
});
const server = (name: string, more: Partial<ServerRow> = {}): ServerRow => ({
  name,
  kind: 'mcp',
  source: 'file',
  status: 'up',
  tools: 1,
  resources: 0,
  prompts: 0,
  notices: [],
  calls_in_flight: 2,
  instances: [instance('a')],
  ...more,
});

describe('gateway/admin/mergeServers', () => {
  it('one process: as it says', () =>
    assert.deepEqual(mergeServers([[server('x'), server('y')]]), [server('x'), server('y')]));

  it('several: calls added up, each server and instance as it looks worst', () => {
    const [merged] = mergeServers([
      [
        server('x', {
          status: 'degraded',
          instances: [instance('a'), instance('b', { breaker: 'open', status: 'down' })],
        }),
      ],
      [
        server('x', {
          instances: [instance('a', { breaker: 'half-open', status: 'degraded' }), instance('b')],
        }),
      ],
    ]);
    assert.equal(merged?.status, 'degraded');
    assert.equal(merged.calls_in_flight, 4);
    assert.deepEqual(
      merged.instances.map(({ id, breaker, calls_in_flight: calls }) => [id, breaker, calls]),
      [
        ['a', 'half-open', 2],
        ['b', 'open', 2],
      ],
    );
  });
});
