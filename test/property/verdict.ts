import assert from 'node:assert/strict';
import type { SeenMessage } from '../support/messagesOf.js';
import type { Act, Acts, Step } from './acts.js';
import { openActs } from './openActs.js';
import type { TestClient } from './testClient.js';
import { keyOf, type Wire } from './wire.js';

const noncesIn = (value: unknown): ReadonlySet<string> =>
  new Set(JSON.stringify(value).match(/nonce-\d+/g) ?? []);

/** Judges all that clients have heard and backends have seen, once everything is over. */
export const judge = (clients: readonly TestClient[], acts: Acts): void => {
  for (const client of clients) allSaidOf(client);
  for (const client of clients)
    for (const wire of client.wires) {
      assert.deepEqual(wire.faults, [], wire.label);
      answersOf(wire);
      idsOf(wire);
      noncesOf(wire);
      afterTheEnd(wire);
      tokensOf(client, wire);
    }
  assert.deepEqual(openActs(acts, clients).map(describe), [], 'open at their backends');
  assert.deepEqual(acts.stray, [], 'answers that were not asked for');
  for (const act of acts.all) {
    const { nonce } = act.script;
    assert.ok(act.arrivals <= 1 + act.retriesAskedFor, `${nonce} came ${act.arrivals} times to its backend`);
    assert.ok(!act.given.includes('forged'), `${nonce} was given somebody else's answer`);
  }
};

const describe = ({ script, at, asking }: Act): string => JSON.stringify({ ...script, at, asking });

const isAnswer = (frame: SeenMessage): boolean => frame.method === undefined;

/** One answer for each request; none or one for each that was excused. */
const answersOf = (wire: Wire): void => {
  if (!wire.left) assert.ok(wire.settled, `${wire.label}: unanswered ${JSON.stringify(wire.sent)}`);
  for (const { key } of wire.sent) {
    const sent = wire.sent.filter((each) => each.key === key);
    const answers = wire.answers(key);
    assert.ok(answers <= sent.length, `${wire.label}: ${answers} answers to ${sent.length} requests ${key}`);
  }
};

/** No answer but to an id that was sent here, its type included. */
const idsOf = (wire: Wire): void => {
  const keys = new Set(wire.sent.map(({ key }) => key));
  const others = wire.frames.filter(isAnswer).filter(({ id }) => !keys.has(keyOf(id)));
  for (const { id, error } of others) {
    assert.ok(id === undefined || id === null, `${wire.label}: an answer to ${keyOf(id)}, never asked here`);
    assert.ok(error !== undefined, `${wire.label}: a result without an id`);
  }
  assert.ok(others.length <= wire.unreadable, `${wire.label}: ${others.length} errors without an id`);
};

/** What belongs to a call comes where it was called, with its own id. */
const noncesOf = (wire: Wire): void => {
  const here = new Set(wire.sent.map(({ nonce }) => nonce));
  for (const frame of wire.frames)
    for (const nonce of noncesIn(frame)) {
      assert.ok(here.has(nonce), `${wire.label}: ${nonce} came, which was never called here`);
      if (!isAnswer(frame)) continue;
      const keys = wire.sent.filter((each) => each.nonce === nonce).map(({ key }) => key);
      assert.ok(keys.includes(keyOf(frame.id)), `${wire.label}: ${nonce} under the id ${keyOf(frame.id)}`);
    }
};

/** Nothing of a call comes after its last answer, nor after its cancellation. */
const afterTheEnd = (wire: Wire): void => {
  const indexOf = (key: string): number =>
    wire.frames.findIndex((frame) => isAnswer(frame) && keyOf(frame.id) === key);
  const silentAfter = (index: number, nonce: string, what: string): void => {
    const late = wire.frames.slice(index + 1).find((frame) => noncesIn(frame).has(nonce));
    if (index >= 0)
      assert.equal(late, undefined, `${wire.label}: ${nonce} after ${what}: ${JSON.stringify(late)}`);
  };
  for (const { key, nonce } of wire.fences) {
    // One that is called again with what it asked for is another request, which has not been cancelled.
    const again = wire.sent.filter((each) => each.nonce === nonce).length > 1;
    if (!again) silentAfter(indexOf(key), nonce, 'it was cancelled');
  }
  for (const { nonce } of wire.sent) {
    if (nonce === undefined) continue;
    // A call that goes several rounds is several requests: the last answer ends it.
    const isOver = (frame: SeenMessage): boolean =>
      isAnswer(frame) && noncesIn(frame).has(nonce) && frame.result?.['resultType'] !== 'input_required';
    silentAfter(wire.frames.findIndex(isOver), nonce, 'its answer');
  }
};

/** Progress carries the token its call was given, type included. */
const tokensOf = (client: TestClient, wire: Wire): void => {
  for (const { method, params } of wire.frames) {
    if (method !== 'notifications/progress') continue;
    const [nonce] = noncesIn(params);
    const tokens = client.calls.filter(({ script }) => script.nonce === nonce).map(({ token }) => token);
    assert.ok(
      tokens.some((token) => token !== undefined && token === params?.['progressToken']),
      `${wire.label}: progress of ${nonce} for ${JSON.stringify(params?.['progressToken'])}`,
    );
  }
};

/** A call that was answered brought all it said on its way, over all its rounds, and nothing of it twice. */
const allSaidOf = ({ name, calls, wires }: TestClient): void => {
  const frames = wires.flatMap((wire) => wire.frames);
  for (const { script, token } of calls) {
    const { nonce, steps } = script;
    const rounds = calls.filter((call) => call.script.nonce === nonce);
    const cutShort = rounds.some(({ sent, wire }) => sent.excused || wire.left);
    const finished = frames.some(
      ({ result }) => result?.content !== undefined && noncesIn(result).has(nonce),
    );
    if (cutShort || !finished) continue;
    const heard = (method: string): number =>
      frames.filter((frame) => frame.method === method && noncesIn(frame.params).has(nonce)).length;
    const said = (what: Step): number => steps.filter((step) => step === what).length;
    const progress = token === undefined ? 0 : said('progress');
    assert.equal(heard('notifications/progress'), progress, `${name}: progress of ${nonce}`);
    assert.equal(heard('notifications/message'), said('log'), `${name}: log messages of ${nonce}`);
  }
};
