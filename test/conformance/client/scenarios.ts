import assert from 'node:assert/strict';
import type { Drive } from './driveScenario.js';

type Run = (drive: Drive) => Promise<void>;
interface Call {
  readonly name: string;
  readonly arguments: Record<string, unknown>;
}

/** Asks for the tools and expects to be told this many. */
const listTools =
  (count: number): Run =>
  async ({ connect }) => {
    const { tools } = await (await connect()).listTools();
    assert.equal(tools.length, count);
  };

/** Everything a server has: each list, each tool called, each resource read, each prompt got. */
const everything: Run = async ({ connect }) => {
  const client = await connect();
  const { tools } = await client.listTools();
  assert.equal(tools.length, 2);
  for (const { name } of tools) await client.callTool({ name, arguments: {} });
  const { resources } = await client.listResources();
  assert.equal(resources.length, 2);
  for (const { uri } of resources) await client.readResource({ uri });
  const { prompts } = await client.listPrompts();
  assert.equal(prompts.length, 1);
  for (const { name } of prompts) await client.getPrompt({ name });
};

/** The calls named in the scenario's context, with arguments that need every encoding. */
const callsOfContext: Run = async ({ connect, context }) => {
  const client = await connect();
  await client.listTools();
  const calls = context['toolCalls'] as readonly Call[];
  assert.notEqual(calls.length, 0);
  for (const call of calls) {
    const { isError, content } = await client.callTool(call);
    assert.notEqual(isError, true, `${call.name}: ${JSON.stringify(content)}`);
  }
};

/** Calls what is left of tools whose headers are mostly malformed, and then one of those that must not be offered. */
const onlyValidTools: Run = async ({ connect }) => {
  const client = await connect();
  const { tools } = await client.request({ method: 'tools/list' });
  assert.deepEqual(
    tools.map(({ name }) => name),
    ['valid_tool'],
  );
  await client.callTool({ name: 'valid_tool', arguments: { region: 'eu' } });
  for (const name of ['invalid_empty_header', 'invalid_space_in_name', 'invalid_duplicate_diff_case'])
    await assert.rejects(client.callTool({ name, arguments: { value: 'x', field1: 'x', field2: 'x' } }));
};

/** Tools that ask before they answer, with and without state, side by side with some that do not ask. */
const inputRounds: Run = async ({ connect }) => {
  const client = await connect({ elicitation: { form: {} } }, (asked) => {
    asked.setRequestHandler('elicitation/create', () => ({ action: 'accept', content: { confirmed: true } }));
  });
  await client.listTools();
  const call = async (name: string) =>
    JSON.stringify((await client.callTool({ name, arguments: {} })).content);
  const [echoed, unrelated] = await Promise.all([call('test_mrtr_echo_state'), call('test_mrtr_unrelated')]);
  assert.match(echoed, /echo-state-ok/);
  assert.match(unrelated, /unrelated-ok/);
  assert.match(await call('test_mrtr_no_state'), /no-state-ok/);
  assert.match(await call('test_mrtr_unrelated'), /unrelated-ok/);
  assert.match(await call('test_mrtr_no_result_type'), /no-result-type-test-ok/);
};

/** Sends the schema of one tool back as an argument of another: what of it has survived the gateway and the client. */
const schemaEcho: Run = async ({ connect }) => {
  const client = await connect();
  const { tools } = await client.listTools();
  const schema = tools.find(({ name }) => name === 'json_schema_2020_12_tool')?.inputSchema;
  assert.notEqual(schema, undefined);
  await client.callTool({ name: 'json_schema_echo', arguments: { schema } });
};

/** A user who agrees and fills in nothing: the defaults of the form have to do. */
const formDefaults: Run = async ({ connect }) => {
  const client = await connect({ elicitation: { form: { applyDefaults: true } } }, (asked) => {
    asked.setRequestHandler('elicitation/create', () => ({ action: 'accept', content: {} }));
  });
  const { content } = await client.callTool({ name: 'test_client_elicitation_defaults', arguments: {} });
  assert.match(JSON.stringify(content), /Elicitation completed/);
};

const callOf =
  (name: string, args: Record<string, unknown>, expected: RegExp): Run =>
  async ({ connect }) => {
    const client = await connect();
    await client.listTools();
    const { content } = await client.callTool({ name, arguments: args });
    assert.match(JSON.stringify(content), expected);
  };

/** Behind an authorization server that does everything right. */
const authorized = callOf('test-tool', {}, /test/);

/** Behind one that must not be trusted, or never satisfied: nothing is offered, nothing can be called. */
const unauthorized: Run = async ({ connect }) => {
  const client = await connect();
  const { tools } = await client.listTools();
  assert.deepEqual(tools, []);
  await assert.rejects(client.callTool({ name: 'test-tool', arguments: {} }));
};

const authDrives = {
  ...Object.fromEntries(
    [
      'metadata-default',
      'metadata-var1',
      'metadata-var2',
      'metadata-var3',
      'basic-cimd',
      'scope-from-www-authenticate',
      'scope-from-scopes-supported',
      'scope-omitted-when-undefined',
      'scope-step-up',
      'token-endpoint-auth-basic',
      'token-endpoint-auth-post',
      'token-endpoint-auth-none',
      'pre-registration',
      'offline-access-scope',
      'offline-access-not-supported',
      'authorization-server-migration',
      'iss-supported',
      'iss-not-advertised',
      'client-credentials-basic',
      'client-credentials-jwt',
      '2025-03-26-oauth-metadata-backcompat',
      '2025-03-26-oauth-endpoint-fallback',
    ].map((name) => [`auth/${name}`, authorized]),
  ),
  ...Object.fromEntries(
    [
      'scope-retry-limit',
      'resource-mismatch',
      'iss-supported-missing',
      'iss-wrong-issuer',
      'iss-unexpected',
      'iss-normalized',
      'metadata-issuer-mismatch',
    ].map((name) => [`auth/${name}`, unauthorized]),
  ),
};

const drives: Readonly<Record<string, Run>> = {
  // Their servers offer nothing: whether they are asked at all, and how, is the question.
  initialize: listTools(0),
  'request-metadata': listTools(0),
  tools_call: callOf('add_numbers', { a: 5, b: 3 }, /8/),
  'sse-retry': callOf('test_reconnection', {}, /completed successfully/),
  'elicitation-sep1034-client-defaults': formDefaults,
  'json-schema-2020-12-preservation': schemaEcho,
  'json-schema-ref-no-deref': listTools(1),
  'http-standard-headers': everything,
  'http-custom-headers': callsOfContext,
  'http-invalid-tool-headers': onlyValidTools,
  'sep-2322-client-request-state': inputRounds,
  ...authDrives,
};

/** What to do for a scenario; undefined where nobody has said. */
export const driveOf = (scenario: string): Run | undefined => drives[scenario];
