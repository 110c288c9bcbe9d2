import assert from 'node:assert/strict';
import { processMetrics } from '../../src/gateway/processMetrics.js';

describe('gateway/processMetrics', () => {
  it('calls nothing a total that is no counter', async () => {
    const metrics = await processMetrics().getMetricsAsJSON();
    const totals = metrics.filter(({ name }) => name.endsWith('_total'));
    assert.ok(totals.some(({ name }) => name === 'process_cpu_seconds_total'));
    // The type is told as a word, though declared as a number.
    assert.deepEqual(
      totals.filter(({ type }) => String(type) !== 'counter').map(({ name }) => name),
      [],
    );
  });

  it('keeps what tells of handles, memory and the event loop', async () => {
    const names = (await processMetrics().getMetricsAsJSON()).map(({ name }) => name);
    for (const name of [
      'nodejs_active_handles',
      'nodejs_eventloop_lag_seconds',
      'process_resident_memory_bytes',
    ])
      assert.ok(names.includes(name), name);
  });
});
