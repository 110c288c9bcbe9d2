import assert from 'node:assert/strict';
import { firstValueFrom, isObservable } from 'rxjs';
import { eventId } from '../../src/protocol/eventId.js';
import type { EventStore, Missed } from '../../src/streams/events.js';
import type { Prompt } from '../../src/streams/sessions.js';

/** An event store under test, and a way to let time pass in it. */
export interface EventStoreUnderTest {
  readonly store: EventStore;
  /** Where it is read, if that is another one. */
  readonly reader?: EventStore;
  /** Waits until the reader can know all that has been given to the store. */
  written?(): Promise<void>;
  /** Lets so many milliseconds pass. */
  pass(ms: number): void | Promise<void>;
}

export interface EventStoreOptions {
  readonly maxEvents: number;
  readonly maxBytes: number;
  readonly ttlMs: number;
}

const settled = async (answer: Prompt<Missed>): Promise<Missed> =>
  isObservable(answer) ? firstValueFrom(answer) : answer;

/**
 * What every event store has to do, wherever it keeps its events.
 *
 * @param make a store with those options; it is closed after each test
 * @param ttlMs how long it keeps what has ended; a store on real time wants less
 */
export const eventStoreContract = (
  name: string,
  make: (options: EventStoreOptions) => EventStoreUnderTest | Promise<EventStoreUnderTest>,
  ttlMs = 10_000,
): void => {
  describe(`${name}: an event store`, () => {
    let store: EventStore;
    let reader: EventStore;
    let written: () => Promise<void>;
    let pass: EventStoreUnderTest['pass'];
    beforeEach(async () => {
      const made = await make({ maxEvents: 4, maxBytes: 100, ttlMs });
      ({ store, reader = store, pass } = made);
      written = () => made.written?.() ?? Promise.resolve();
    });
    afterEach(() => store.close());

    const fill = (session: string, streamId: string, from: number, to: number, data = 'd'): void => {
      if (from === 1) store.open(session, streamId, 'r');
      for (let position = from; position <= to; position++)
        store.append(session, { streamId, position }, `${data}${position}`);
    };
    const after = async (session: string, streamId: string, position: number): Promise<Missed> => {
      await written();
      return settled(reader.after(session, { streamId, position }));
    };
    const missed = async (session: string, streamId: string, position: number): Promise<unknown> => {
      const kept = await after(session, streamId, position);
      return typeof kept === 'string' ? kept : kept.events.map(({ data }) => data);
    };

    it('gives back what came after a place, in order, with its ids', async () => {
      fill('s', 'a', 1, 3);
      const kept = await after('s', 'a', 1);
      assert.ok(typeof kept === 'object');
      assert.deepEqual(kept.events, [
        { id: eventId({ streamId: 'a', position: 2 }), data: 'd2' },
        { id: eventId({ streamId: 'a', position: 3 }), data: 'd3' },
      ]);
      assert.deepEqual(await missed('s', 'a', 0), ['d1', 'd2', 'd3']);
      assert.deepEqual(await missed('s', 'a', 3), []);
    });

    it('knows the beginning of a stream that has no event yet', async () => {
      store.open('s', 'a', 7);
      assert.deepEqual(await missed('s', 'a', 0), []);
    });

    for (const answers of [7, 'seven', undefined])
      it(`knows which request a stream answers: ${answers === undefined ? 'none' : JSON.stringify(answers)}`, async () => {
        store.open('s', 'a', answers);
        const kept = await after('s', 'a', 0);
        assert.ok(typeof kept === 'object');
        assert.equal(kept.answers, answers);
      });

    it('keeps streams and sessions apart', async () => {
      fill('s', 'a', 1, 1);
      fill('s', 'b', 1, 1, 'b');
      fill('t', 'c', 1, 1, 'c');
      fill('s', 'a', 2, 2);
      assert.deepEqual(await missed('s', 'a', 0), ['d1', 'd2']);
      assert.deepEqual(await missed('s', 'b', 0), ['b1']);
      assert.equal(await missed('s', 'c', 0), 'unknown');
      assert.equal(await missed('t', 'a', 0), 'unknown');
    });

    const strangers: [string, string, string, number][] = [
      ['a session', 'other', 'a', 0],
      ['a stream', 's', 'other', 0],
      ['an event to come of what has ended', 's', 'a', 3],
      ['a name of every object', 's', '__proto__', 0],
    ];
    for (const [what, session, stream, position] of strangers)
      it(`does not know ${what} that is not there`, async () => {
        fill('s', 'a', 1, 2);
        store.end('s', 'a');
        assert.equal(await missed(session, stream, position), 'unknown');
      });

    it('drops the oldest beyond so many events, whichever stream they are of, and says so', async () => {
      fill('s', 'a', 1, 2);
      fill('s', 'b', 1, 3);
      assert.equal(store.size, 4);
      assert.equal(await missed('s', 'a', 0), 'dropped');
      assert.deepEqual(await missed('s', 'a', 1), ['d2']);
      assert.deepEqual(await missed('s', 'b', 0), ['d1', 'd2', 'd3']);
    });

    it('drops the oldest beyond so many bytes', async () => {
      fill('s', 'a', 1, 3, 'x'.repeat(39));
      assert.equal(await missed('s', 'a', 0), 'dropped');
      assert.equal(((await missed('s', 'a', 1)) as string[]).length, 2);
    });

    it('counts bytes, not characters', async () => {
      fill('s', 'a', 1, 2, 'ä'.repeat(30));
      assert.equal(await missed('s', 'a', 0), 'dropped');
    });

    it('does not keep an event that is larger than the whole room', async () => {
      fill('s', 'a', 1, 2);
      fill('s', 'a', 3, 3, 'x'.repeat(200));
      assert.equal(await missed('s', 'a', 2), 'dropped');
      assert.deepEqual(await missed('s', 'a', 3), []);
      assert.equal(store.size, 0);
    });

    it('keeps what has ended for its time to live, and no longer', async () => {
      fill('s', 'a', 1, 1);
      fill('s', 'b', 1, 1, 'b');
      store.end('s', 'a');
      await written();
      await pass(ttlMs * 0.7);
      assert.deepEqual(await missed('s', 'a', 0), ['d1']);
      await pass(ttlMs * 0.3);
      assert.equal(await missed('s', 'a', 0), 'unknown');
      await pass(ttlMs);
      assert.equal(store.size, 1);
      assert.deepEqual(await missed('s', 'b', 0), ['b1']);
    });

    it('forgets what has ended and lost all its events', async () => {
      fill('s', 'a', 1, 1);
      store.end('s', 'a');
      fill('s', 'b', 1, 4);
      assert.equal(await missed('s', 'a', 1), 'unknown');
    });

    it('forgets a session, and takes nothing more for it', async () => {
      fill('s', 'a', 1, 2);
      fill('t', 'a', 1, 1);
      store.endSession('s');
      store.endSession('s');
      store.append('s', { streamId: 'a', position: 3 }, 'late');
      assert.equal(await missed('s', 'a', 0), 'unknown');
      assert.equal(store.size, 1);
    });
  });
};
