import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { filter, firstValueFrom, ReplaySubject } from 'rxjs';
import type { Log } from '../../src/streams/log.js';
import { text } from '../support/mcpTools.js';
import { modernCall } from '../support/modern.js';
import { startMcpBackend, type McpBackend } from '../support/startMcpBackend.js';
import { within } from '../support/within.js';
import { configFolder, type ConfigFolder, type GatewayOfFile } from './identity/startFromFile.js';

/** Single files of the package, as a second copy of them: all of it would keep this process busy for seconds. */
const source = (path: string): string =>
  pathToFileURL(fileURLToPath(new URL(`../../src/${path}`, import.meta.url))).href;
const require = createRequire(import.meta.url);

/** A chain that lets tools be called only by who says the word. */
const module = (word: string): string => `
import { refusal } from '${source('protocol/errors.ts')}';
import { chain } from '${source('streams/chain.ts')}';
import { named } from '${source('streams/named.ts')}';
import { stage } from '${source('streams/stage.ts')}';

const secretWord = named('secretWord', stage((exchange) => {
  if (exchange.target.params.arguments?.word !== '${word}') throw refusal('ERR_FORBIDDEN', 'The word is ${word}');
  return exchange;
}));

export default (stock, { log }) => chain(
  stock.resolveTool, stock.enterServer, stock.limitCalls, stock.confirmHeaders, stock.validateArguments,
  secretWord, stock.authorize, stock.redactArguments, stock.openState, stock.send,
);
`;

interface Logged {
  readonly event: unknown;
  readonly message: string;
}

describe("A pipeline of one's own", function () {
  this.timeout(15_000);
  let backend: McpBackend;
  let folder: ConfigFolder;
  let gateway: GatewayOfFile | undefined;
  let logged: ReplaySubject<Logged>;
  before(async () => {
    backend = await startMcpBackend({ tools: { echo: (call) => call.reply(text('here')) } });
  });
  after(() => backend.close());
  beforeEach(async () => {
    folder = await configFolder();
    logged = new ReplaySubject();
    await folder.write(
      'gateway.yaml',
      `listen: { port: 0 }\nadmin: { port: 0 }\npipeline: ./chain.mjs\nservers: { s: { url: "${backend.url}" } }\n`,
    );
  });
  afterEach(async () => {
    await gateway?.close();
    gateway = undefined;
    await folder.remove();
  });

  const write = (fields: Readonly<Record<string, unknown>>, message: string): void =>
    logged.next({ event: fields['event'], message });
  const log: Log = { debug: write, info: write, warn: write, error: write };
  const heard = (event: string): Promise<Logged> =>
    within(5000, event, firstValueFrom(logged.pipe(filter((line) => line.event === event))));
  const start = async (written: string): Promise<number> => {
    await folder.write('chain.mjs', written);
    gateway = await folder.start(log);
    return gateway.port;
  };
  const answerTo = async (port: number, word: string): Promise<string> => {
    const { result, error } = await modernCall(port, 's_echo', { word });
    return error?.message ?? result?.content?.[0]?.text ?? '';
  };

  it('stands where it says, between the stages of the default', async () => {
    const port = await start(module('open'));
    assert.equal(await answerTo(port, 'open'), 'here');
    assert.equal(await answerTo(port, 'shut'), 'The word is open');
    const stages = await (await fetch(`${gateway?.adminUrl ?? ''}/metrics`)).text();
    assert.match(stages, /mcp_gateway_stage_refused_total\{stage="secretWord",error="ERR_FORBIDDEN"\} 1/);
  });

  it('is read again when it changes, and stays as it was when that is broken', async () => {
    const port = await start(module('one'));
    assert.equal(await answerTo(port, 'one'), 'here');
    await folder.write('chain.mjs', 'export default (stock) => { this is no JavaScript');
    const { message } = await heard('pipeline_rejected');
    assert.match(
      message,
      /^The pipeline \.\/chain\.mjs can not be used: .+\n.+The pipeline before this change stays in force\.$/,
    );
    assert.equal(await answerTo(port, 'one'), 'here');
    logged = new ReplaySubject();
    await folder.write('chain.mjs', module('another'));
    await heard('config_loaded');
    await within(
      5000,
      'the new chain',
      (async () => {
        while ((await answerTo(port, 'another')) !== 'here');
      })(),
    );
  });

  it('tells what is left out, and of a stage above what it needs', async () => {
    const port = await start('export default ({ resolveTool, authorize, send }) => send;');
    const told: string[] = [];
    logged
      .pipe(filter(({ event }) => event === 'pipeline_leaves_out'))
      .subscribe(({ message }) => told.push(message));
    assert.ok(
      told.includes(
        '`redactArguments` is left out of the pipeline ./chain.mjs: nothing is redacted, neither in arguments nor in replies',
      ),
      told.join('\n'),
    );
    assert.equal(await answerTo(port, 'any'), 'Internal error');
  });

  it('does not start with one that can not be used', async () => {
    await assert.rejects(start('export default () => 5;'), {
      name: 'PipelineError',
      message:
        'The pipeline ./chain.mjs can not be used: its default export gives number where a chain was expected',
    });
  });

  it('goes around all that clients ask', async () => {
    const port = await start(
      `
      import { service } from '${source('streams/service.ts')}';
      import { of } from 'rxjs';
      export const around = (all) => service((exchange) => exchange.message.method === 'tools/call'
        ? of({ kind: 'result', result: { content: [{ type: 'text', text: 'instead' }] } })
        : all.answer(exchange));
    `.replace("'rxjs'", `'${pathToFileURL(require.resolve('rxjs')).href}'`),
    );
    assert.equal(await answerTo(port, 'any'), 'instead');
  });
});
