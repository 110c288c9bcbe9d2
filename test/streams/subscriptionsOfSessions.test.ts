import assert from 'node:assert/strict';
import { Observable, Subject, throwError, timer } from 'rxjs';
import { refusal } from '../../src/protocol/errors.js';
import { constant } from '../../src/streams/latest.js';
import { Subscriptions } from '../../src/streams/subscriptions.js';
import { SubscriptionsOfSessions } from '../../src/streams/subscriptionsOfSessions.js';
import { anyone } from '../../src/testing/anyone.js';
import { fakeBackend, type FakeBackendOptions } from '../../src/testing/fakeBackend.js';
import { marbles } from '../../src/testing/marbles.js';
import { serverOffering } from '../../src/testing/serverOffering.js';
import { catalogOf } from '../operators/scenarios.js';

const over = (backend: FakeBackendOptions) => {
  const docs = serverOffering('docs', { capabilities: { resources: { subscribe: true } } }, {}, [
    { id: 'docs#1', backend: fakeBackend(backend) },
  ]);
  const subscriptions = new Subscriptions({
    catalog: constant(catalogOf(docs)),
    backoff: { firstMs: 1, maxMs: 1 },
  });
  const ofSessions = new SubscriptionsOfSessions(subscriptions, { maxPerSession: 2, settleMs: 5 });
  return { subscriptions, ofSessions };
};

describe('streams/subscriptionsOfSessions', () => {
  it('each session hears of its own; what has ended is heard of no more', () => {
    const updated$ = new Subject<string>();
    const { subscriptions, ofSessions } = over({ updated$ });
    const heard: string[] = [];
    for (const id of ['s1', 's2'])
      ofSessions.changes(id).subscribe({
        next: ({ uri }) => heard.push(`${id} ${uri}`),
        complete: () => heard.push(`${id} over`),
      });
    ofSessions.add('s1', anyone, 'doc:a').subscribe();
    ofSessions.add('s1', anyone, 'doc:a').subscribe();
    ofSessions.add('s2', anyone, 'doc:b').subscribe();
    updated$.next('doc:a');
    updated$.next('doc:b');
    ofSessions.remove('s1', 'doc:a');
    ofSessions.remove('s1', 'doc:a');
    updated$.next('doc:a');
    ofSessions.endSession('s2');
    updated$.next('doc:b');
    assert.deepEqual(heard, ['s1 doc:a', 's2 doc:b', 's2 over']);
    assert.equal(subscriptions.size, 0);
    ofSessions.close();
    assert.deepEqual({ sessions: ofSessions.size, last: heard.at(-1) }, { sessions: 0, last: 's1 over' });
  });

  it('takes room for each subscription, and gives it back when it ends, is refused, or goes with its session', () => {
    const watch = (uri: string) =>
      uri === 'doc:no' ? throwError(() => refusal('ERR_METHOD_UNSUPPORTED', 'no')) : new Observable<void>();
    const { ofSessions } = over({ watch });
    let taken = 0;
    const room = () => {
      taken++;
      return () => void taken--;
    };
    const add = (session: string, uri: string): number => {
      ofSessions.add(session, anyone, uri, room).subscribe({ error: () => undefined });
      return taken;
    };
    assert.deepEqual(
      [add('s1', 'doc:a'), add('s1', 'doc:a'), add('s2', 'doc:a'), add('s1', 'doc:no')],
      [1, 1, 2, 2],
    );
    ofSessions.remove('s1', 'doc:a');
    assert.equal(taken, 1);
    ofSessions.endSession('s2');
    assert.equal(taken, 0);
  });

  it('is bounded, and says so', () => {
    const { ofSessions } = over({});
    const codes: unknown[] = [];
    for (const uri of ['doc:a', 'doc:b', 'doc:c'])
      ofSessions
        .add('s1', anyone, uri)
        .subscribe({ error: ({ code }: { code: unknown }) => codes.push(code) });
    assert.deepEqual(codes, ['ERR_SUBSCRIPTIONS_EXHAUSTED']);
    ofSessions.close();
  });

  it('waits for the server, but not for ever', () =>
    marbles(({ cold, expectObservable }) => {
      const soon = over({ watch: () => cold('--w', { w: undefined }) }).ofSessions;
      expectObservable(soon.add('s1', anyone, 'doc:a')).toBe('--(w|)', { w: undefined });
      const late = over({ watch: () => new Observable<void>() }).ofSessions;
      // Virtual time does not end before the last timer has been let go of.
      timer(20).subscribe(() => [soon, late].forEach((each) => each.close()));
      expectObservable(late.add('s1', anyone, 'doc:a')).toBe('-----(w|)', { w: undefined });
    }));

  it('forgets what the server refuses', () => {
    const refused = refusal('ERR_METHOD_UNSUPPORTED', 'no');
    const { subscriptions, ofSessions } = over({ watch: () => throwError(() => refused) });
    const errors: unknown[] = [];
    ofSessions.add('s1', anyone, 'doc:a').subscribe({ error: (error: unknown) => errors.push(error) });
    assert.deepEqual(errors, [refused]);
    assert.equal(subscriptions.size, 0);
  });
});
