import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { BehaviorSubject, firstValueFrom, isObservable, NEVER, Subject } from 'rxjs';
import { list } from '../../src/handlers/list.js';
import { listMethods } from '../../src/protocol/methods.js';
import { selfDescription } from '../../src/handlers/selfDescription.js';
import { resolveTask } from '../../src/operators/resolveTask.js';
import { resolveTool } from '../../src/operators/resolveTool.js';
import { cursors } from '../../src/protocol/cursor.js';
import { taskIds } from '../../src/protocol/taskIds.js';
import type { ToolDefinition } from '../../src/protocol/mcp.js';
import { knownPrincipal } from '../../src/streams/knownPrincipal.js';
import { constant, latest } from '../../src/streams/latest.js';
import { listChanges } from '../../src/streams/listChanges.js';
import { Subscriptions } from '../../src/streams/subscriptions.js';
import type { AccessSettings } from '../../src/config/accessSettings.js';
import { fakeBackend } from '../../src/testing/fakeBackend.js';
import { serverOffering } from '../../src/testing/serverOffering.js';
import { enteredCall, noRefresh, tool } from '../operators/scenarios.js';
import { catalogWith } from '../support/catalogWith.js';

/** A server with one of everything, all of it naming the server. */
const server = (name: string, ...more: readonly ToolDefinition[]) => {
  const backend = fakeBackend({ watch: () => NEVER });
  return serverOffering(
    name,
    {
      capabilities: { resources: { subscribe: true } },
      instructions: `Secret of ${name}`,
      tools: [tool(`${name}-tool`), ...more],
      prompts: [{ name: `${name}-prompt` }],
      resources: [{ uri: `${name}://doc`, name: `${name}-doc` }],
      resourceTemplates: [{ uriTemplate: `${name}://{id}`, name: `${name}-each` }],
    },
    {},
    [{ id: `${name}#1`, backend }],
  );
};
const access: AccessSettings = {
  tenants: [
    { name: 'acme', servers: ['one', 'uno'], prefix: 'acme', dedicated: false },
    { name: 'beta', servers: ['two'], dedicated: true },
  ],
};
const acme = knownPrincipal({ id: 'ann', tenant: 'acme' });
const beta = knownPrincipal({ id: 'bob', tenant: 'beta' });
// Two for one tenant: a lone server with resources is asked for any URI.
const servers = [server('one'), server('two'), server('uno')];
const catalog = constant(catalogWith(access, ...servers));
const from = (principal: typeof acme) => ({ namespace: undefined, principal });
const keys = [randomBytes(32)] as const;

const ask = (principal: typeof acme, method: string, params: Readonly<Record<string, unknown>> = {}) => ({
  ...enteredCall(method, { params }),
  principal,
});

/** Every routed method, asked for what is there under any name it might have. */
const probes: [string, Readonly<Record<string, unknown>>][] = [
  ['tools/call', { name: 'two_two-tool' }],
  ['tools/call', { name: 'acme_two_two-tool' }],
  ['tools/call', { name: 'two-tool' }],
  ['prompts/get', { name: 'two_two-prompt' }],
  ['resources/read', { uri: 'two://doc' }],
  ['resources/read', { uri: 'two://made-up' }],
  ['resources/read', { uri: 'TWO://doc' }],
  ['completion/complete', { ref: { type: 'ref/prompt', name: 'two_two-prompt' } }],
  ['completion/complete', { ref: { type: 'ref/resource', uri: 'two://{id}' } }],
  ['completion/complete', { ref: { type: 'ref/resource', uri: 'two://doc' } }],
];

describe('tenants are kept apart', () => {
  for (const method of listMethods)
    it(`${method} shows each its own and nothing else`, async () => {
      const handler = list(method, {
        catalog,
        refresh: noRefresh,
        shown: (_exchange, _method, entries) => entries,
        cursors: cursors(...keys),
        pageSize: 10,
      });
      const shown = async (principal: typeof acme): Promise<string> => {
        const answer = handler(ask(principal, method));
        return JSON.stringify(isObservable(answer) ? await firstValueFrom(answer) : answer);
      };
      assert.match(await shown(acme), /one/);
      assert.doesNotMatch(await shown(acme), /two/);
      assert.match(await shown(beta), /two/);
      assert.doesNotMatch(await shown(beta), /one/);
    });

  for (const [method, params] of probes)
    it(`${method} ${JSON.stringify(params)} finds nothing, and says no more than of what never was`, async () => {
      const resolve = resolveTool(catalog, noRefresh);
      const answer = resolve.step(ask(acme, method, params));
      assert.ok(isObservable(answer));
      await assert.rejects(
        firstValueFrom(answer),
        (error: { toJsonRpc(): { code: number; message: string } }) => {
          const { code, message } = error.toJsonRpc();
          assert.equal(code, -32602);
          assert.match(
            message,
            /^(Unknown tool: |Unknown prompt or resource template: |Resource not found$)/,
          );
          return true;
        },
      );
    });

  it('finds its own under its own prefix', () => {
    const found = resolveTool(catalog, noRefresh).step(
      ask(acme, 'tools/call', { name: 'acme_one_one-tool' }),
    );
    assert.ok('target' in found);
    assert.deepEqual([found.target.server.settings.name, found.target.params['name']], ['one', 'one-tool']);
  });

  it('instructions are those of its servers', () => {
    const self = selfDescription(catalog);
    assert.equal(self(ask(acme, 'initialize')).instructions, 'one: Secret of one\n\nuno: Secret of uno');
    assert.equal(self(ask(beta, 'server/discover')).instructions, 'two: Secret of two');
  });

  it("a task of the other tenant's server is unknown, whoever's id it is", () => {
    const ids = taskIds(keys);
    const taskId = ids.seal({ principalId: 'ann', server: 'two', instance: 'two#1', taskId: 't' });
    for (const principal of [acme, beta])
      assert.throws(() => resolveTask(catalog, ids).step(ask(principal, 'tasks/get', { taskId })), {
        code: 'ERR_TASK_UNKNOWN',
      });
  });

  it('resources of others can not be watched', async () => {
    const watches = new Subscriptions({ catalog, backoff: { firstMs: 1, maxMs: 1 } });
    assert.deepEqual(
      ['one://doc', 'two://doc', 'two://made-up'].map((uri) => watches.knows(from(acme), uri)),
      [true, false, false],
    );
    const event = await firstValueFrom(watches.watch(from(acme), 'two://doc'));
    assert.ok(event.kind === 'refused');
    assert.equal((event.error as { code?: string }).code, 'ERR_RESOURCE_UNKNOWN');
    assert.equal(watches.size, 0);
  });

  it('is told of changes of its own lists only, and when its access changes', () => {
    const more = server('two', tool('new'));
    const snapshots = new BehaviorSubject(catalogWith(access, ...servers));
    const current = latest(snapshots, snapshots.value);
    const heard: string[] = [];
    for (const principal of [acme, beta])
      listChanges(current, from(principal), ['tools']).subscribe(() => heard.push(principal.id));
    snapshots.next(catalogWith(access, servers[0] as never, more, servers[2] as never));
    assert.deepEqual(heard, ['bob']);
    snapshots.next(catalogWith({ ...access, rules: [] }, ...servers));
    assert.deepEqual(heard, ['bob', 'ann', 'bob']);
    current.close();
  });

  it('is told of changes of policies over what is in its lists, and of no others', () => {
    const policies = new Subject<(server: string) => boolean>();
    const heard: string[] = [];
    for (const principal of [acme, beta])
      listChanges(
        constant(catalogWith(access, ...servers)),
        from(principal),
        ['tools', 'prompts'],
        policies,
      ).subscribe((change) => heard.push(`${principal.id} ${change.list}`));
    policies.next((server) => server === 'two');
    assert.deepEqual(heard, ['bob tools', 'bob prompts']);
    policies.next((server) => server === 'one');
    assert.deepEqual(heard, ['bob tools', 'bob prompts', 'ann tools', 'ann prompts']);
    policies.next(() => false);
    assert.equal(heard.length, 4);
  });
});
