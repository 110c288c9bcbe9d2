import assert from 'node:assert/strict';
import type { Crew } from '../../../src/gateway/workers/crew.js';
import { crewInsiders } from '../../../src/gateway/workers/crewInsiders.js';

/** Workers that never answer, and what they were asked. */
const silent = (count: number) => {
  const asked: { readonly worker: number; readonly ms: number }[] = [];
  const live = Array.from({ length: count }, (_, worker) => ({
    state: 'ready',
    report: (_of: string, { ms }: { readonly ms: number }) => {
      asked.push({ worker, ms });
      return Promise.resolve(undefined);
    },
  }));
  return { asked, insiders: crewInsiders({ live } as unknown as Crew) };
};

const call = { user: 'ann', tenant: undefined, name: 'a', args: {}, namespace: undefined, ticket: 't' };

describe('gateway/workers/crewInsiders', () => {
  it('has a tool called by one worker only, for as long as the call takes', async () => {
    const { asked, insiders } = silent(2);
    await assert.rejects(insiders.one('call', call), { code: 'ERR_INTERNAL', message: /not known/ });
    assert.deepEqual(
      asked.map(({ worker }) => worker),
      [0],
    );
    assert.ok((asked[0]?.ms ?? 0) > 60 * 60 * 1000);
  });

  it('asks the next where one does not answer what can be asked twice', async () => {
    const { asked, insiders } = silent(2);
    await assert.rejects(insiders.one('tenants', { tenant: undefined }), { code: 'ERR_STARTING' });
    assert.deepEqual(
      asked.map(({ worker }) => worker),
      [0, 1],
    );
  });
});
