/** What one tenant has is, for another, what never was: by every method that takes a name, in every way to ask. */
import assert from 'node:assert/strict';
import { ownResource, startTenants, type Isolation, type Tenants } from './startTenants.js';
import { speakers, type Answered, type Speaker } from './speakers.js';

/** What a question names, and what it would be if nobody had it. */
interface Named {
  readonly theirs: string;
  readonly nobodys: string;
  readonly ask: (name: string) => readonly [method: string, params: Readonly<Record<string, unknown>>];
}

const call = (name: string) => ['tools/call', { name, arguments: {} }] as const;
const prompt = (name: string) => ['prompts/get', { name, arguments: {} }] as const;
const complete = (ref: object) =>
  ['completion/complete', { ref, argument: { name: 'arg1', value: 'pa' } }] as const;
const uri = (method: string) => ({
  theirs: ownResource,
  nobodys: 'own://nothing',
  ask: (name: string) => [method, { uri: name }] as const,
});

const questions = (prefix: string): Readonly<Record<string, Named>> => {
  const tool = { theirs: `${prefix}own_test_simple_text`, nobodys: `${prefix}own_test_nothing_at_all` };
  const aPrompt = { theirs: `${prefix}own_test_simple_prompt`, nobodys: `${prefix}own_test_no_prompt` };
  return {
    'a tool': { ...tool, ask: call },
    'a tool by its dotted name': { theirs: 'own.test_simple_text', nobodys: 'own.test_nothing', ask: call },
    "a tool by its server's own name": { theirs: 'own_test_hang', nobodys: 'own_test_none', ask: call },
    'a prompt': { ...aPrompt, ask: prompt },
    'a resource': uri('resources/read'),
    'a resource to watch': uri('resources/subscribe'),
    'a resource to watch no more': uri('resources/unsubscribe'),
    'a resource to complete': {
      ...uri(''),
      ask: (name) => complete({ type: 'ref/resource', uri: name }),
    },
    'a prompt to complete': { ...aPrompt, ask: (name) => complete({ type: 'ref/prompt', name }) },
  };
};

/** Methods by which a server hears of a caller; its lists are asked for by the gateway itself. */
const telling = /^(tools\/call|prompts\/get|resources\/(read|subscribe|unsubscribe)|completion|tasks\/)/;

for (const isolation of ['logical', 'namespace', 'dedicated'] satisfies Isolation[])
  describe(`two tenants, ${isolation} isolation: names`, function () {
    this.timeout(60_000);
    let tenants: Tenants;
    before(async () => {
      tenants = await startTenants(isolation);
    });
    after(() => tenants.close());

    it('the first has what the other asks for', async () => {
      const { gateway, ann, prefix } = tenants;
      const speaker = await speakers['2025-11-25 over HTTP']?.(gateway.port, ann);
      assert.ok(speaker);
      for (const [what, { theirs, ask }] of Object.entries(questions(prefix))) {
        if (what.includes('dotted') || what.includes('own name')) continue;
        const { error } = await speaker.ask(...ask(theirs));
        assert.equal(error, undefined, `${what}: ${JSON.stringify(error)}`);
      }
    });

    for (const [way, connect] of Object.entries(speakers))
      describe(way, () => {
        let eve: Speaker;
        before(async () => {
          eve = await connect(tenants.gateway.port, tenants.eve);
        });
        after(() => eve.close());

        it('what is asked by name is answered as if it never was, and its server hears nothing', async () => {
          const { own, prefix } = tenants;
          const before = own.seen.length;
          for (const [what, { theirs, nobodys, ask }] of Object.entries(questions(prefix))) {
            const [found, none] = [await eve.ask(...ask(theirs)), await eve.ask(...ask(nobodys))];
            assert.deepEqual(without(found, theirs), without(none, nobodys), what);
            // The one server with resources that Eve has may know more than it lists: it is asked to watch what nobody lists.
            if (!what.includes('watch'))
              assert.ok(none.error !== undefined, `${what}: ${JSON.stringify(none)}`);
          }
          const heard = own.seen.slice(before).filter(({ method = '' }) => telling.test(method));
          assert.deepEqual(heard, []);
        });

        it('lists have nothing of it, nor has what the gateway says of itself', async () => {
          const { prefix } = tenants;
          const lists = ['tools/list', 'prompts/list', 'resources/list', 'resources/templates/list'];
          for (const method of [...lists, 'server/discover']) {
            const answer = await eve.ask(method);
            const text = JSON.stringify(answer);
            assert.ok(!text.includes(ownResource) && !text.includes('own_') && !text.includes('own.'), text);
            if (prefix !== '') assert.ok(!text.includes(prefix), text);
          }
        });
      });
  });

/** An answer, but for the name that was asked for. */
const without = (answer: Answered, name: string): unknown =>
  JSON.parse(JSON.stringify(answer).replaceAll(name, 'NAME'));
