import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { within } from '../../support/within.js';
import type { MatrixClient } from './matrixClient.js';
import type { Feature, ServerKind } from './plan.js';
import { watchedAt } from './startServers.js';

/** Uses a feature of a server as a client, and insists on what it must give. */
type Exercise = (client: MatrixClient, server: ServerKind) => Promise<void>;

const ms = 15_000;

const list: Exercise = async (client, server) => {
  const names = (await client.tools()).filter((name) => name.startsWith(`${server}_`));
  for (const tool of ['test_simple_text', 'test_tool_with_progress', 'test_hang', 'test_error_handling'])
    assert.ok(names.includes(`${server}_${tool}`), `${tool} is not among ${names.join(', ')}`);
  if (server !== 'rest') assert.ok((await client.resources()).includes(watchedAt(server)));
};

const call: Exercise = async (client, server) => {
  const answer = await client.call(`${server}_test_simple_text`);
  assert.deepEqual(answer, { text: 'This is a simple text response for testing.', isError: false });
};

const progress: Exercise = async (client, server) => {
  const seen: { readonly progress: number; readonly message?: string | undefined }[] = [];
  const answer = await client.call(
    `${server}_test_tool_with_progress`,
    {},
    { onprogress: (report) => void seen.push(report) },
  );
  const reportedBefore = seen.length;
  assert.equal(answer.isError, false);
  assert.deepEqual(
    seen.map(({ message }) => message),
    ['Completed 0 of 100', 'Completed 50 of 100', 'Completed 100 of 100'],
  );
  assert.equal(reportedBefore, 3, 'progress came after the answer');
  for (const [at, report] of seen.entries())
    assert.ok(at === 0 || report.progress > (seen[at - 1]?.progress ?? Infinity), 'progress must rise');
};

const cancel: Exercise = async (client, server) => {
  const key = randomUUID();
  const leaving = new AbortController();
  const events = new EventEmitter();
  const started = once(events, 'progress');
  const refused = assert.rejects(
    client.call(
      `${server}_test_hang`,
      { key },
      { signal: leaving.signal, onprogress: () => void events.emit('progress') },
    ),
  );
  await within(ms, 'the beginning of the call', started);
  leaving.abort('the user has changed their mind');
  await within(ms, 'the end of the call', refused);
  const answer = await within(
    ms,
    'the cancellation at the server',
    client.call(`${server}_test_await_cancellation`, { key }),
  );
  assert.deepEqual(answer, { text: `${key} was cancelled`, isError: false });
};

const elicit: Exercise = async (client, server) => {
  const message = `Who are you? ${randomUUID()}`;
  const answer = await client.call(`${server}_test_elicitation`, { message });
  assert.ok(client.asked.includes(message), 'the user was not asked');
  assert.match(answer.text, /action=accept, content=.*"username":"ada".*"email":"ada@example.org"/);
};

const sample: Exercise = async (client, server) => {
  const prompt = `What is the capital of France? ${randomUUID()}`;
  const answer = await client.call(`${server}_test_sampling`, { prompt });
  assert.ok(
    client.asked.some((asked) => asked.includes(prompt)),
    'the model was not asked',
  );
  assert.deepEqual(answer, { text: 'LLM response: Paris', isError: false });
};

const subscribe: Exercise = async (client, server) => {
  const uri = watchedAt(server);
  const events = new EventEmitter();
  const heard = once(events, 'updated');
  let count = 0;
  const stop = await within(
    ms,
    'the subscription',
    client.watch(uri, (changed) => {
      count++;
      events.emit('updated', changed);
    }),
  );
  await client.call(`${server}_test_trigger_resource_update`);
  assert.deepEqual(await within(ms, 'the update', heard), [uri]);
  await stop();
  const before = count;
  await client.call(`${server}_test_trigger_resource_update`);
  await client.call(`${server}_test_simple_text`);
  assert.equal(count, before, 'an update came after the end of the subscription');
};

const error: Exercise = async (client, server) => {
  const answer = await client.call(`${server}_test_error_handling`);
  assert.equal(answer.isError, true);
  assert.match(answer.text, /This tool intentionally returns an error for testing/);
  await assert.rejects(client.call(`${server}_no_such_tool`), (thrown: { readonly code?: number }) => {
    assert.equal(thrown.code, -32602);
    return true;
  });
};

/** One for each feature. */
export const exercises: Readonly<Record<Feature, Exercise>> = {
  list,
  call,
  progress,
  cancel,
  elicit,
  sample,
  subscribe,
  error,
};
