import assert from 'node:assert/strict';
import type { Person } from '../../../src/gateway/admin/person.js';
import { SignIns } from '../../../src/gateway/admin/signIns.js';

const ann: Person = { user: 'ann', role: 'admin', method: 'key', by: 'a' };

describe('gateway/admin/SignIns', () => {
  let now = 0;
  let known = true;
  const make = () => {
    now = 0;
    known = true;
    return new SignIns({ bounds: () => ({ ttlMs: 100, idleMs: 10 }), isKnown: () => known, now: () => now });
  };
  const ends: [string, (signIns: SignIns, id: string) => void][] = [
    ['it was not used for long', () => void (now = 10)],
    [
      'it lasts long',
      (signIns, id) => {
        for (now = 0; now < 100; now += 5) assert.notEqual(signIns.use(id), undefined);
      },
    ],
    ['the configuration does not know any more what it was by', () => void (known = false)],
    ['they sign out', (signIns, id) => void signIns.close(id)],
    ['the gateway ends', (signIns) => signIns.closeAll()],
  ];
  for (const [name, happens] of ends)
    it(`ends when ${name}, and tells who watches once`, () => {
      const signIns = make();
      const id = signIns.open(ann);
      let told = 0;
      signIns.use(id)?.onEnd(() => told++);
      happens(signIns, id);
      signIns.sweep();
      assert.equal(told, 1);
      assert.equal(signIns.use(id), undefined);
      assert.equal(told, 1);
    });

  it('keeps a thousand: who was away longest makes room', () => {
    const signIns = make();
    const first = signIns.open(ann);
    const second = signIns.open(ann);
    for (let i = 2; i < 1000; i++) signIns.open(ann);
    assert.equal(signIns.use(first)?.person, ann);
    signIns.open(ann);
    assert.equal(signIns.use(second), undefined);
    assert.equal(signIns.use(first)?.person, ann);
  });
});
