import {
  Client as ModernClient,
  StreamableHTTPClientTransport as ModernTransport,
} from '@modelcontextprotocol/client';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ElicitRequestSchema, type ElicitResult } from '@modelcontextprotocol/sdk/types.js';
import assert from 'node:assert/strict';
import { filter, firstValueFrom } from 'rxjs';
import { approve } from '../../src/operators/approve.js';
import type { CallRecord } from '../../src/protocol/audit/callRecord.js';
import { chain } from '../../src/streams/chain.js';
import { named } from '../../src/streams/named.js';
import type { AssembleCalls } from '../../src/streams/ownPipeline.js';
import type { ScriptedServer } from '../backends/mcp/scriptedServer.js';
import { startGateway, type RunningGateway } from '../support/startGateway.js';
import { within } from '../support/within.js';
import { asker } from './fidelity/asker.js';
import { faithfulServer } from './fidelity/faithfulServer.js';
import { rawClient } from './fidelity/rawClient.js';

/** The tool `asks` needs an approval, and asks for something itself when it is called. */
const calls: AssembleCalls = (stock, context) =>
  chain(
    stock.resolveTool,
    stock.validateArguments,
    stock.authorize,
    stock.redactArguments,
    stock.openState,
    stock.sendThrough((send) =>
      named('approve', approve(send, { ...context, tools: ['asks'], rememberMs: 60_000 })),
    ),
  );

const question = {
  mode: 'form',
  message: 'Which one?',
  requestedSchema: { type: 'object', properties: { name: { type: 'string' } } },
};
const chosen: ElicitResult = { action: 'accept', content: { name: 'that' } };
const yes: ElicitResult = { action: 'accept', content: { decision: 'approve', reason: 'it is old' } };
const no: ElicitResult = { action: 'accept', content: { decision: 'deny', reason: 'keep it' } };

interface Person {
  call(args: Readonly<Record<string, unknown>>): Promise<unknown>;
  close(): Promise<void>;
}

/** The official clients, each with a person who answers approvals as told, and whatever else with a choice. */
const people = {
  async legacy(url: string, answer: (message: string) => ElicitResult): Promise<Person> {
    const client = new Client({ name: 'test', version: '1' }, { capabilities: { elicitation: {} } });
    client.setRequestHandler(ElicitRequestSchema, ({ params }) => answer(params.message));
    await client.connect(new StreamableHTTPClientTransport(new URL(url)));
    return {
      call: async (args) => (await client.callTool({ name: 'it_asks', arguments: { ...args } })).content,
      close: () => client.close(),
    };
  },
  async modern(url: string, answer: (message: string) => ElicitResult): Promise<Person> {
    const client = new ModernClient(
      { name: 'test', version: '1' },
      { capabilities: { elicitation: {} }, versionNegotiation: { mode: { pin: '2026-07-28' } } },
    );
    client.setRequestHandler('elicitation/create', ({ params }) => answer(params.message));
    await client.connect(new ModernTransport(new URL(url)));
    return {
      call: async (args) => (await client.callTool({ name: 'it_asks', arguments: { ...args } })).content,
      close: () => client.close(),
    };
  },
};

const told = (content: unknown): unknown =>
  JSON.parse((content as readonly { readonly text: string }[])[0]?.text ?? '');

describe('A tool that needs an approval', function () {
  this.timeout(10_000);
  for (const server of ['legacy', 'modern'] as const)
    describe(`of a ${server} server`, () => {
      let backend: ScriptedServer;
      let gateway: RunningGateway;
      /** Calls of the tool that have reached the server. */
      let reached: number;

      before(async () => {
        const act = asker(question);
        backend = await faithfulServer(server, (request, era) => {
          if (request.body.params?.['name'] === 'asks') reached++;
          return act(request, era);
        });
        gateway = await startGateway(`  it: { url: '${backend.url}', protocol: ${server} }`, {
          pipeline: { calls },
        });
      });
      beforeEach(() => (reached = 0));
      after(async () => {
        await gateway.close();
        await backend.close();
      });
      const recorded = (answer: string): Promise<CallRecord> =>
        within(
          5000,
          `a record of ${answer}`,
          firstValueFrom(gateway.records$.pipe(filter(({ approval }) => approval?.answer === answer))),
        );

      for (const era of ['legacy', 'modern'] as const) {
        it(`is called when the person of a ${era} client approves it, and may ask for more`, async () => {
          const asked: string[] = [];
          const person = await people[era](gateway.url, (message) => {
            asked.push(message);
            return message === question.message ? chosen : yes;
          });
          const record = recorded('approved');
          const content = await person.call({ id: 17, note: 'a\u202eb' });
          await person.close();
          assert.deepEqual(told(content), chosen);
          assert.equal(asked.length, 2);
          assert.match(
            asked[0] ?? '',
            /it_asks, a tool of the server it,[^]*\n {4}id: 17\n {4}note: "a‹U\+202E›b"\n/,
          );
          const { approval, who, outcome } = await record;
          assert.deepEqual([approval?.by, approval?.reason], [who?.user ?? who?.id, 'it is old']);
          assert.ok(Date.parse(approval?.at ?? '') > 0);
          assert.equal(outcome, 'success');
        });

        it(`is not called when the person of a ${era} client denies it`, async () => {
          const person = await people[era](gateway.url, () => no);
          const record = recorded('denied');
          await assert.rejects(person.call({ id: 17 }), /The person who was asked denied this call: keep it/);
          await person.close();
          assert.equal(reached, 0);
          const { error, outcome, stages } = await record;
          assert.deepEqual([error, outcome], ['ERR_NOT_APPROVED', 'forbidden']);
          assert.ok(stages?.some(({ name }) => name === 'approve'));
        });
      }

      it('is not called by a client that can not be asked', async () => {
        const client = new Client({ name: 'test', version: '1' });
        await client.connect(new StreamableHTTPClientTransport(new URL(gateway.url)));
        await assert.rejects(
          client.callTool({ name: 'it_asks', arguments: {} }),
          /this client can not be asked: it has not declared `elicitation`/,
        );
        await client.close();
        assert.equal(reached, 0);
      });

      it('is not called by a modern client that uses an approval for something else, or again, or makes one up', async () => {
        const client = await rawClient('modern', gateway.port);
        const can = { 'io.modelcontextprotocol/clientCapabilities': { elicitation: {} } };
        const send = async (id: number, round = {}) =>
          (await client.send('tools/call', { name: 'it_asks', arguments: { id }, ...round }, can)).answer;
        const { result } = await send(1);
        const requestState = String((result as { requestState?: unknown } | undefined)?.requestState);
        const inputResponses = { approval: yes };
        const fault = async (id: number, round: object) => (await send(id, round)).error?.data;
        const invalid = { reason: 'invalid_request_state' };
        assert.deepEqual(await fault(2, { requestState, inputResponses }), invalid);
        assert.deepEqual(await fault(1, { requestState: `${requestState}A`, inputResponses }), invalid);
        assert.equal((await send(1, { inputResponses })).result?.['resultType'], 'input_required');
        assert.equal(reached, 0);
        await send(1, { requestState, inputResponses });
        assert.equal(reached, 1);
        assert.deepEqual(await fault(1, { requestState, inputResponses }), invalid);
        assert.equal(reached, 1);
      });
    });
});
