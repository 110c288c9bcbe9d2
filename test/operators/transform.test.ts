import assert from 'node:assert/strict';
import { firstValueFrom, of, type Observable } from 'rxjs';
import type { TransformSettings } from '../../src/config/transformSettings.js';
import { transform } from '../../src/operators/transform.js';
import { fromUnknown } from '../../src/protocol/errors.js';
import type { Authenticated, Exchange, Resolved, Target } from '../../src/streams/exchange.js';
import { result, type Reply } from '../../src/streams/reply.js';
import { service } from '../../src/streams/service.js';
import { transforms } from '../../src/streams/transforms.js';
import { byCode } from '../../src/testing/byCode.js';
import { marbles } from '../../src/testing/marbles.js';
import { serverOffering } from '../../src/testing/serverOffering.js';
import { resolvedCall, tool } from './scenarios.js';

type Call = Exchange & Authenticated & Resolved;
interface Levels {
  readonly all?: TransformSettings;
  readonly server?: TransformSettings;
  readonly tool?: TransformSettings;
}

const add = (path: string, value: unknown) => ({ patch: [{ op: 'add' as const, path, value }] });
const failing = { patch: [{ op: 'remove' as const, path: '/none' }] };
const text = (said: string) => ({ content: [{ type: 'text', text: said }] });
const structured = (value: object) => ({ ...text(JSON.stringify(value)), structuredContent: value });

/** The operator with rules, a call that they are about, and what its part is sent and answers. */
const scene = (levels: Levels, answers: (call: Call) => Observable<Reply>, parts: Partial<Target> = {}) => {
  const definition = parts.tool ?? tool('get');
  const server = serverOffering(
    'orders',
    { tools: [definition] },
    {
      ...(levels.server !== undefined && { transform: levels.server }),
      ...(levels.tool !== undefined && { toolRules: { get: { transform: levels.tool } } }),
    },
  );
  const sent: Call[] = [];
  const part = service<Call, Reply>((call) => {
    sent.push(call);
    return answers(call);
  });
  const operator = transform(part, transforms(levels.all), () => Date.UTC(2026, 10, 22));
  const params = { name: 'get', arguments: { id: 1 } };
  const call: Call = resolvedCall({ server, tool: definition, params, ...parts });
  return { operator, call, sent, sentArguments: () => sent.map(({ target }) => target.params['arguments']) };
};

const answered = async (levels: Levels, given: object, parts?: Partial<Target>): Promise<unknown> => {
  const { operator, call } = scene(levels, () => of(result(given as never)), parts);
  const reply = await firstValueFrom(of(call).pipe(operator));
  assert.equal(reply.kind, 'result');
  return reply.result;
};

const n: Reply = { kind: 'notification', method: 'notifications/progress', params: { message: 'n' } };

describe('operators/transform', () => {
  it('is the part itself where no rule is about the call', () =>
    marbles(({ cold, expectObservable, expectSubscriptions, flush }) => {
      const r = result(text('r'));
      const part = cold('       --n--(r|)', { n, r });
      const { operator, call, sent } = scene({}, () => part);
      const calls = cold('      -(a|)', { a: call });
      expectObservable(calls.pipe(operator)).toBe('---n--(r|)', { n, r });
      expectSubscriptions(part.subscriptions).toBe('-^----!');
      expectSubscriptions(calls.subscriptions).toBe('^!');
      flush();
      assert.equal(sent[0], call);
    }));

  it('rewrites arguments in their frame, the result when it comes, and no notification', () =>
    marbles(({ cold, expectObservable, expectSubscriptions, flush }) => {
      const part = cold('    --n--(r|)', { n, r: result(structured({ price: 1 })) });
      const rules = { arguments: add('/lang', 'en'), result: add('/unit', 'EUR') };
      const { operator, call, sentArguments } = scene({ server: rules }, () => part);
      const calls = cold('   -(a|)', { a: call });
      const expected = '     ---n--(R|)';
      expectObservable(calls.pipe(operator)).toBe(expected, {
        n,
        R: result(structured({ price: 1, unit: 'EUR' })),
      });
      expectSubscriptions(part.subscriptions).toBe('-^----!');
      flush();
      assert.deepEqual(sentArguments(), [{ id: 1, lang: 'en' }]);
    }));

  it('sends nothing where a rule for arguments fails', () =>
    marbles(({ cold, expectObservable, flush }) => {
      const { operator, call, sent } = scene({ tool: { arguments: failing } }, () => of(n));
      const calls = cold('  --(a|)', { a: call });
      expectObservable(calls.pipe(operator, byCode())).toBe('--#', {}, 'ERR_TRANSFORM_FAILED');
      flush();
      assert.deepEqual(sent, []);
    }));

  it('withholds a result whose rule fails, and leaves the backend', () =>
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const part = cold('       -n-r--|', { n, r: result(structured({ secret: 1 })) });
      const { operator, call } = scene({ all: { result: failing } }, () => part);
      const calls = cold('      (a|)', { a: call });
      expectObservable(calls.pipe(operator, byCode())).toBe('-n-#', { n }, 'ERR_TRANSFORM_FAILED');
      expectSubscriptions(part.subscriptions).toBe('^--!');
    }));

  it('cancels the part when its client leaves', () =>
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const part = cold('       ----r', { r: result(text('r')) });
      const { operator, call } = scene({ all: { context: true } }, () => part);
      const calls = cold('      (a|)', { a: call });
      expectObservable(calls.pipe(operator), '^-!').toBe('---');
      expectSubscriptions(part.subscriptions).toBe('^-!');
    }));

  it('goes from the outside in for arguments, from the inside out for results', async () => {
    const level = (name: string): TransformSettings => ({
      arguments: add('/rules/-', name),
      result: add('/rules/-', name),
    });
    const levels = { all: level('all'), server: level('server'), tool: level('tool') };
    const { operator, call, sentArguments } = scene(levels, () => of(result(structured({ rules: [] }))), {
      params: { name: 'get', arguments: { rules: [] } },
    });
    const reply = await firstValueFrom(of(call).pipe(operator));
    assert.deepEqual(sentArguments(), [{ rules: ['all', 'server', 'tool'] }]);
    assert.deepEqual(reply, result(structured({ rules: ['tool', 'server', 'all'] })));
  });

  it('lets expressions know who calls what, and what was sent', async () => {
    const jsonata =
      '{ "who": $context.client_id, "tool": $context.tool, "server": $context.server, "sent": $arguments }';
    assert.deepEqual(
      await answered({ all: { arguments: { jsonata: '{ "n": id }' }, result: { jsonata } } }, structured({})),
      structured({ who: 'ann', tool: 'get', server: 'orders', sent: { n: 1 } }),
    );
  });

  describe('_context', () => {
    const context = { client_id: 'ann', timestamp: '2026-11-22T00:00:00.000Z' };
    const sentTo = async (levels: Levels, parts: Partial<Target> = {}): Promise<unknown> => {
      const { operator, call, sentArguments } = scene(levels, () => of(result(text('r'))), parts);
      await firstValueFrom(of(call).pipe(operator));
      const [args] = sentArguments() as [{ readonly _context?: { trace_id?: string } }];
      const { trace_id: trace, ...rest } = args._context ?? {};
      if (args._context !== undefined) assert.match(String(trace), /^[0-9a-f]{32}$/);
      return args._context === undefined ? args : { ...args, _context: rest };
    };

    it('is added, after the rules, in place of what the client calls so', async () => {
      const params = { name: 'get', arguments: { _context: { client_id: 'admin' }, id: 1 } };
      const levels = { all: { context: true as const, arguments: { jsonata: '$' } } };
      assert.deepEqual(await sentTo(levels, { params }), { id: 1, _context: context });
    });

    it('is added where there are no arguments', async () => {
      assert.deepEqual(await sentTo({ server: { context: true } }, { params: { name: 'get' } }), {
        _context: context,
      });
    });

    it('is not added where the schema has no room for it, unless always', async () => {
      const closed = tool('get', { inputSchema: { type: 'object', additionalProperties: false } });
      assert.deepEqual(await sentTo({ all: { context: true } }, { tool: closed }), { id: 1 });
      assert.deepEqual(await sentTo({ all: { context: 'always' } }, { tool: closed }), {
        id: 1,
        _context: context,
      });
    });

    it('is what the nearest rule says', async () => {
      assert.deepEqual(await sentTo({ all: { context: true }, tool: { context: false } }), { id: 1 });
      assert.deepEqual(await sentTo({ server: { context: false }, tool: { context: true } }), {
        id: 1,
        _context: context,
      });
    });
  });

  describe('of results', () => {
    const rules = { all: { result: add('/seen', true) } };
    const task = { taskId: 't', status: 'completed', resultType: 'task' };
    const results: [string, object, object, Levels?][] = [
      ['text that is JSON', text('{"a":1}'), text('{"a":1,"seen":true}')],
      ['an error of the tool as it is', { ...text('{}'), isError: true }, { ...text('{}'), isError: true }],
      [
        'an error of the tool where the rule is for these too',
        { ...text('{}'), isError: true },
        { ...text('{"seen":true}'), isError: true },
        { all: { result: add('/seen', true), toolErrors: true } },
      ],
      [
        'a question as it is',
        { resultType: 'input_required', ...text('{}') },
        { resultType: 'input_required', ...text('{}') },
      ],
      ['a task that goes on', task, task],
      [
        'a task with its result',
        { ...task, result: structured({}) },
        { ...task, result: structured({ seen: true }) },
      ],
      ['a result that says nothing', { content: [] }, { content: [] }],
    ];
    for (const [what, given, expected, levels = rules] of results)
      it(what, async () => assert.deepEqual(await answered(levels, given), expected));

    it('a result that is fetched from its task, by the tool that began it', async () => {
      const parts = {
        method: 'tasks/get',
        tool: undefined,
        params: { taskId: 't' },
        begunBy: { tool: 'get', mask: undefined },
      } as const;
      const levels = { tool: { context: true as const, result: add('/seen', true) } };
      const { operator, call, sent } = scene(
        levels,
        () => of(result({ ...task, result: structured({}) })),
        parts,
      );
      assert.deepEqual(
        await firstValueFrom(of(call).pipe(operator)),
        result({ ...task, result: structured({ seen: true }) }),
      );
      assert.deepEqual(sent[0]?.target.params, { taskId: 't' });
    });
  });

  const failures: [string, Levels, object, string][] = [
    [
      'an expression for arguments',
      { tool: { arguments: { jsonata: '$error(id)' } } },
      text('x'),
      'servers.orders.tools.get.transform.arguments: ',
    ],
    [
      'arguments that are no object',
      { all: { arguments: { jsonata: '[1]' } } },
      text('x'),
      'transform.arguments: it gives arguments that are no object',
    ],
    [
      'an expression for a result',
      { server: { result: { jsonata: '$number(secret)' } } },
      structured({ secret: 'canary' }),
      'servers.orders.transform.result: ',
    ],
    [
      'structured content that is no object',
      { all: { result: { jsonata: 'secret' } } },
      structured({ secret: 'canary' }),
      'transform.result: structured content must stay an object',
    ],
  ];
  for (const [what, levels, given, place] of failures)
    it(`tells the log where a rule stands that failed, and its client nothing: ${what}`, async () => {
      await assert.rejects(answered(levels, given), (thrown) => {
        const error = fromUnknown(thrown);
        assert.equal(error.code, 'ERR_TRANSFORM_FAILED');
        assert.match(error.message, /^A rule of this gateway/);
        const why = (error.cause as Error).message;
        assert.ok(why.startsWith(place), why);
        assert.doesNotMatch(why, /canary/);
        return true;
      });
    });
});
