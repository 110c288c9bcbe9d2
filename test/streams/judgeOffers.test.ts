import assert from 'node:assert/strict';
import { Subject } from 'rxjs';
import { definitionDigest } from '../../src/protocol/integrity/definitionDigest.js';
import { pinnedDefinitions } from '../../src/protocol/integrity/pinnedDefinitions.js';
import { pinKey, type Pins } from '../../src/protocol/integrity/pins.js';
import type { CatalogEvent } from '../../src/streams/catalog.js';
import type { IntegrityRules } from '../../src/streams/judgedOffer.js';
import { judgeOffers } from '../../src/streams/judgeOffers.js';
import { latest } from '../../src/streams/latest.js';
import { serverOffering } from '../../src/testing/serverOffering.js';
import { tool } from '../operators/scenarios.js';

const open: IntegrityRules = { pins: undefined, newcomers: 'hold', suspicious: 'report' };
const asks = tool('query', { description: 'Asks' });
const pinsOf = (...tools: (typeof asks)[]): Pins => {
  const all = pinnedDefinitions({ tools, prompts: [], resourceTemplates: [] });
  return new Map([
    [
      'orders',
      new Map(
        all.map(({ kind, name, definition }) => [
          pinKey(kind, name),
          { digest: definitionDigest(definition), definition },
        ]),
      ),
    ],
  ]);
};

/** Events pushed through, and what came out of them. */
const judging = (initial: IntegrityRules = open) => {
  const rules$ = new Subject<IntegrityRules>();
  const events$ = new Subject<CatalogEvent>();
  const out: CatalogEvent[] = [];
  const subscription = events$
    .pipe(judgeOffers(latest(rules$, initial)))
    .subscribe((event) => void out.push(event));
  const last = () => {
    const event = out.at(-1);
    assert.ok(event?.kind === 'offered');
    return event.offer;
  };
  return { rules$, events$, out, last, subscription };
};

const offered = (...tools: (typeof asks)[]): Extract<CatalogEvent, { kind: 'offered' }> => {
  const server = serverOffering('orders', { tools });
  assert.ok(server.offer);
  return { kind: 'offered', server, offer: server.offer };
};

describe('streams/judgeOffers', () => {
  it('passes what there is nothing to say of as it is, the very object', () => {
    const { events$, last } = judging();
    const event = offered(asks);
    events$.next(event);
    assert.equal(last(), event.offer);
  });

  it('passes other events', () => {
    const { events$, out } = judging();
    const failed: CatalogEvent = { kind: 'failed', server: offered(asks).server, at: 1, reason: 'x' };
    events$.next(failed);
    assert.deepEqual(out, [failed]);
  });

  const cases: [string, IntegrityRules, (typeof asks)[], string[], string[]][] = [
    ['what is approved', { ...open, pins: pinsOf(asks) }, [asks], ['query'], []],
    ['what has changed', { ...open, pins: pinsOf(asks) }, [tool('query')], [], ['changed']],
    ['what is new', { ...open, pins: pinsOf(asks) }, [asks, tool('more')], ['query'], ['new']],
    ['a new server', { ...open, pins: new Map() }, [asks], [], ['new']],
    [
      'what is new and allowed',
      { ...open, pins: pinsOf(asks), newcomers: 'allow' },
      [asks, tool('more')],
      ['query', 'more'],
      [],
    ],
    [
      'what has changed, also where new ones are allowed',
      { ...open, pins: pinsOf(asks), newcomers: 'allow' },
      [tool('query')],
      [],
      ['changed'],
    ],
    [
      'what is suspicious',
      { ...open, suspicious: 'hold' },
      [tool('a', { description: 'x\u200by' }), asks],
      ['query'],
      ['suspicious'],
    ],
    ['what is suspicious and let through', open, [tool('a', { description: 'x\u200by' })], ['a'], []],
    [
      'nothing suspicious where nobody looks',
      { ...open, suspicious: 'off' },
      [tool('a', { description: 'x\u200by' })],
      ['a'],
      [],
    ],
  ];
  for (const [what, rules, tools, shown, why] of cases)
    it(`judges ${what}`, () => {
      const { events$, last } = judging(rules);
      events$.next(offered(...tools));
      assert.deepEqual(
        last().tools.map(({ name }) => name),
        shown,
      );
      assert.deepEqual(
        (last().held ?? []).map((held) => held.why),
        why,
      );
      assert.equal(
        last().warnings.length > 0,
        (last().held ?? last().suspects ?? []).length > 0 || (last().suspects ?? []).length > 0,
      );
    });

  it('gives the same object for the same offer, and judges once more when the rules change', () => {
    const { events$, rules$, last, out } = judging({ ...open, pins: pinsOf(asks) });
    const event = offered(tool('query'));
    events$.next(event);
    const first = last();
    events$.next(event);
    assert.equal(last(), first);
    rules$.next({ ...open, pins: pinsOf(tool('query')) });
    assert.equal(out.length, 3);
    assert.equal(last(), event.offer);
  });

  it('says nothing more of servers that are gone', () => {
    const { events$, rules$, out } = judging();
    events$.next(offered(asks));
    events$.next({ kind: 'configured', settings: {} as never, servers: [] });
    rules$.next({ ...open, newcomers: 'allow' });
    assert.deepEqual(
      out.map(({ kind }) => kind),
      ['offered', 'configured'],
    );
  });

  it('leaves both when it is left', () => {
    const { events$, rules$, subscription } = judging();
    subscription.unsubscribe();
    assert.equal(events$.observed, false);
    assert.equal(rules$.observed, true, 'the rules are their owner’s');
  });
});
