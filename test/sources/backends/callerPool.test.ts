import assert from 'node:assert/strict';
import { of, Subject, throwError } from 'rxjs';
import { fromUnknown } from '../../../src/protocol/errors.js';
import { CallerPool } from '../../../src/sources/backends/callerPool.js';
import type { Caller } from '../../../src/streams/caller.js';
import { knownPrincipal } from '../../../src/streams/knownPrincipal.js';
import { call } from '../../../src/testing/call.js';

const caller = (id: string): Caller => ({ ...call('ping'), principal: knownPrincipal({ id }) });

describe('backends/callerPool', () => {
  interface Member {
    readonly id: string;
    readonly caller: () => Caller | undefined;
  }
  const closed: string[] = [];
  const pool = (max: number) =>
    new CallerPool<Member>({
      make: (_key, known, id) => ({ id, caller: known }),
      close: ({ id }) => closed.push(id),
      max,
    });
  beforeEach(() => void (closed.length = 0));

  it('makes one for each caller, and knows who calls only while it does', () => {
    const members = pool(2);
    const ann = caller('ann');
    const seen: Member[] = [];
    const take = (who: Caller) =>
      members
        .use(who, (member) => {
          seen.push(member);
          assert.equal(member.caller(), who);
          return of('done');
        })
        .subscribe();
    take(ann);
    take(caller('bob'));
    take(ann);
    assert.deepEqual(
      seen.map(({ id }) => id),
      ['ann', 'bob', 'ann'],
    );
    assert.equal(seen[0], seen[2]);
    assert.equal(seen[0]?.caller(), undefined);
    members.clear();
  });

  it('keeps what a credential of more scopes, of another client, or of somebody who acts for the caller is given apart', () => {
    const members = pool(10);
    const keys = new Set<Member>();
    const ann = { id: 'ann', clientId: 'console', scopes: ['read', 'write'] } as const;
    const callers = [
      ann,
      { ...ann, scopes: ['write', 'read'] },
      { ...ann, scopes: ['read'] },
      { ...ann, clientId: 'agent' },
      { ...ann, claims: { act: { sub: 'mallory' } } },
    ];
    for (const principal of callers)
      members
        .use({ ...call('ping'), principal: knownPrincipal(principal) }, (member) => of(keys.add(member)))
        .subscribe();
    assert.equal(keys.size, 4);
    members.clear();
  });

  it('lets go of the one longest away for a new one, never of one in use', () => {
    const members = pool(2);
    const busy = new Subject<void>();
    members.use(caller('ann'), () => busy).subscribe();
    members.use(caller('bob'), () => of(1)).subscribe();
    members.use(caller('carol'), () => of(1)).subscribe();
    assert.deepEqual(closed, ['bob']);
    members.use(caller('carol'), () => busy).subscribe();
    let code = '';
    members
      .use(caller('dora'), () => of(1))
      .subscribe({ error: (error) => (code = fromUnknown(error).code) });
    assert.equal(code, 'ERR_SERVER_EXHAUSTED');
    busy.complete();
    members.use(caller('dora'), () => of(1)).subscribe();
    assert.equal(closed.length, 2);
    assert.equal(members.clear().length, 2);
  });

  it('is free again when work fails, or nobody waits for it', () => {
    const members = pool(1);
    members.use(caller('ann'), () => throwError(() => new Error('no'))).subscribe({ error: () => undefined });
    members
      .use(caller('bob'), () => new Subject())
      .subscribe()
      .unsubscribe();
    members.use(caller('carol'), () => of(1)).subscribe();
    assert.deepEqual(closed, ['ann', 'bob']);
    members.clear();
  });
});
