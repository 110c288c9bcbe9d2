import assert from 'node:assert/strict';
import { NEVER } from 'rxjs';
import { recordSessions } from '../../src/gateway/recordSessions.js';
import type { SessionRecord } from '../../src/protocol/audit/auditRecord.js';
import { redactions } from '../../src/streams/redactions.js';
import { call } from '../../src/testing/call.js';
import { rule } from '../protocol/redaction/rules.js';

const rules = [
  { ...rule({ detect: ['email'] }), direction: 'both' as const },
  { ...rule({ name: 'no cards', detect: ['card'], action: 'refuse' }), direction: 'arguments' as const },
];

describe('gateway/recordSessions', () => {
  const recorded = (name: string): unknown => {
    const seen: SessionRecord[] = [];
    const some = redactions({ rules, holdMs: 1 }, Buffer.alloc(32), '_');
    const sessions = recordSessions(NEVER, undefined, () => some);
    const following = sessions.records$.subscribe((record) => seen.push(record));
    const exchange = call('initialize', { params: { clientInfo: { name, version: '1' } } });
    exchange.notes.opened = 'a session';
    sessions.ended(exchange);
    following.unsubscribe();
    assert.equal(seen.length, 1);
    return seen[0]?.client_info;
  };
  const cases: readonly (readonly [what: string, name: string, info: object])[] = [
    ['as it is where nothing is found', 'client', { name: 'client', version: '1' }],
    ['as rules let it through', 'of ann@example.com', { name: 'of [redacted:email]', version: '1' }],
    ['cut where it is long', 'n'.repeat(300), { name: 'n'.repeat(256), version: '1' }],
    ['not at all where a rule refuses it', '4111111111111111', { name: '[refused]' }],
  ];
  for (const [what, name, info] of cases)
    it(`has what a client says it is ${what}`, () => assert.deepEqual(recorded(name), info));
});
