import assert from 'node:assert/strict';
import { valve } from '../../src/streams/valve.js';
import { accept, askedIn, round, staged } from './parkingStage.js';

/** What a server is attached to: counts whether it is held back. */
const demand = () => {
  let held = false;
  return { pause: () => void (held = true), resume: () => void (held = false), isHeld: () => held };
};

describe('streams/parking: demand', () => {
  it('of the client that has come back reaches the server, until that client leaves', () =>
    staged(({ parking, server, ask, passTo, resume }) => {
      const upstream = demand();
      const first = round(parking.watch(server, (id) => id, upstream));
      ask('a');
      passTo(20);
      const client = valve();
      const second = round(parking.resume(askedIn(first).id, { 'ask-1': accept }, client));
      client.pause();
      assert.equal(upstream.isHeld(), true);
      client.resume();
      assert.equal(upstream.isHeld(), false);
      client.pause();
      ask('b');
      passTo(40);
      // Parked again: nobody reads, and the server is not held back for that.
      assert.equal(upstream.isHeld(), false);
      client.resume();
      client.pause();
      assert.equal(upstream.isHeld(), false, 'a client of an earlier round has no say any more');
      const third = resume(askedIn(second).id, { 'ask-2': accept });
      third.leave();
      assert.equal(server.observed, false);
    }));

  it('of a client that comes back full holds the server back at once', () =>
    staged(({ parking, server, ask, passTo }) => {
      const upstream = demand();
      const first = round(parking.watch(server, (id) => id, upstream));
      ask('a');
      passTo(20);
      const client = valve();
      client.pause();
      round(parking.resume(askedIn(first).id, {}, client)).leave();
      assert.equal(upstream.isHeld(), false);
    }));
});
