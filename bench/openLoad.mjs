/**
 * A load generator that is an open loop: calls begin at a constant rate, whatever becomes of those before.
 *
 * A call is late from the moment at which it was due, not from the one at which it was sent: what a stalled target, or a stalled
 * generator, keeps waiting is in the figures. The connections, one for each call of a second, are opened before it begins: a burst of
 * new ones would overflow the target's queue of connections, and measure the kernel's patience. Every answer is read to its end and
 * checked: one response, with the call's own text, after progress that counts from 1 without a gap.
 *
 * A process of its own. Over IPC it takes `{ start: { port, perSecond, rota } }`; `{ after: n }`, which is answered with
 * `{ after, p99Ms }` when n more calls have come; and `{ stop: true }`, which is answered with `{ report }` when the last call has
 * ended. `rota` is gone through again and again: `{ tool, parts }`, with the parts that a streamed answer has, or 0.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { messagesOf, openConnection } from './connection.mjs';
import { modernCall } from './workloads.mjs';

/** Connections opened at a time, and calls under way in the warm-up. */
const atOnce = 50;
/** Calls before the first that counts: code that has not run yet is slow, and a cold target would begin with a queue. */
const warmUp = 1000;
/** Finer than the rates that are asked for; a late tick sends all that is due. */
const tickMs = 2;
/** How long the last calls are waited for. */
const patienceMs = 20_000;
/** Texts that are kept of what went wrong with one tool. */
const maxTexts = 20;

const idle = [];
const waiting = [];
const underWay = new Set();
const tallies = new Map();
const lateness = [];
let sent = 0;
let watches = [];

const tallyOf = (tool) => {
  const tally = tallies.get(tool) ?? { calls: 0, done: [], failed: [], wrong: [], cutShort: 0, ms: [] };
  tallies.set(tool, tally);
  return tally;
};

/** A connection, and whom to tell when it breaks. */
const lineTo = async (port) => {
  const line = { broken: false, fail: () => undefined };
  line.connection = await openConnection(port, (error) => {
    line.broken = true;
    line.fail(error);
  });
  return line;
};

/** A free connection. Whoever waits longest for one gets the next: no call is given up. */
const freeLine = async (port) => {
  const line = idle.pop() ?? (await new Promise((resolve) => waiting.push(resolve)));
  return line.broken ? lineTo(port) : line;
};

const release = (line) => {
  const first = waiting.shift();
  if (first === undefined) idle.push(line);
  else first(line);
};

const exchange = async (port, bytes) => {
  const line = await freeLine(port);
  try {
    return await new Promise((resolve, reject) => {
      line.fail = reject;
      line.connection.send(bytes, resolve);
    });
  } finally {
    release(line);
  }
};

/** What became of a call: `done`, `failed` (its client was told), or `wrong` (its client was told something that is not so). */
const judge = (answer, id, key, parts) => {
  const messages = messagesOf(answer);
  const responses = messages.filter((message) => message.id === id);
  const counts = messages.filter(({ method }) => method === 'notifications/progress');
  const [response] = responses;
  const said = () => JSON.stringify(messages).slice(0, 600);
  if (responses.length !== 1 || messages.at(-1) !== response) return { wrong: `no one response: ${said()}` };
  if (counts.some(({ params }, index) => params.progress !== index + 1)) return { wrong: `a gap: ${said()}` };
  const text = response.result?.content?.[0]?.text ?? '';
  if (response.error !== undefined || response.result?.isError)
    return { failed: response.error?.message ?? text, cutShort: counts.length > 0 };
  if (!text.includes(`done ${key}"`) && !text.endsWith(`done ${key}`))
    return { wrong: `another text: ${said()}` };
  return counts.length === parts ? {} : { wrong: `${counts.length} of ${parts} parts: ${said()}` };
};

const call = async ({ port, rota }, dueAt) => {
  const number = sent++;
  const key = `${process.pid}-${number}`;
  const { tool, parts } = rota[number % rota.length];
  const tally = tallyOf(tool);
  tally.calls++;
  lateness.push(performance.now() - dueAt);
  const meta = parts > 0 ? { progressToken: number } : {};
  let outcome;
  try {
    const answer = await exchange(port, modernCall(port, number, tool, { key }, meta));
    outcome = judge(answer, number, key, parts);
  } catch (error) {
    outcome = { failed: String(error?.message ?? error) };
  }
  tally.ms.push(performance.now() - dueAt);
  if (outcome.cutShort) tally.cutShort++;
  for (const kind of ['failed', 'wrong'])
    if (outcome[kind] !== undefined) return void tally[kind].push(`${key}: ${outcome[kind]}`);
  tally.done.push(key);
};

const quantile = (values, share) =>
  Float64Array.from(values).sort()[Math.min(values.length - 1, Math.floor(share * values.length))] ?? 0;

const tell = (message) => new Promise((resolve) => process.send(message, resolve));

const openAll = async ({ port, perSecond }) => {
  while (idle.length < perSecond)
    idle.push(
      ...(await Promise.all(Array.from({ length: Math.min(atOnce, perSecond) }, () => lineTo(port)))),
    );
};

/** So many calls, one after the other in each of a few lines. */
const warmed = ({ port, rota }) => {
  let number = 0;
  const one = async () => {
    while (number < warmUp) {
      const { tool } = rota[number % rota.length];
      await exchange(port, modernCall(port, number, tool, { key: `${process.pid}-warm-${number++}` }, {}));
    }
  };
  return Promise.all(Array.from({ length: atOnce }, one));
};

const start = async (plan) => {
  await openAll(plan);
  await warmed(plan);
  const beganAt = performance.now();
  const dueAt = (number) => beganAt + (number * 1000) / plan.perSecond;
  const clock = setInterval(() => {
    while (dueAt(sent) <= performance.now()) {
      const running = call(plan, dueAt(sent)).finally(() => underWay.delete(running));
      underWay.add(running);
    }
    watches = watches.filter(({ at, more }) => {
      if (sent < at) return true;
      void tell({
        after: more,
        p99Ms: quantile(
          [...tallies.values()].flatMap(({ ms }) => ms),
          0.99,
        ),
      });
      return false;
    });
  }, tickMs);
  return async () => {
    clearInterval(clock);
    const seconds = (performance.now() - beganAt) / 1000;
    await Promise.race([Promise.all(underWay), delay(patienceMs, undefined, { ref: false })]);
    return {
      calls: sent,
      perSecond: sent / seconds,
      unanswered: underWay.size,
      lateMs: quantile(lateness, 0.99),
      tools: Object.fromEntries(
        [...tallies].map(([tool, { ms, failed, wrong, ...rest }]) => [
          tool,
          {
            ...rest,
            failures: failed.length,
            failed: failed.slice(0, maxTexts),
            wrong: wrong.slice(0, maxTexts),
            slowestMs: quantile(ms, 1),
            p99Ms: quantile(ms, 0.99),
          },
        ]),
      ),
    };
  };
};

/** Ends what was started. */
let stop;
process.on('message', async (message) => {
  if (message.start !== undefined) stop = start(message.start);
  if (message.after !== undefined) watches.push({ at: sent + message.after, more: message.after });
  if (message.stop === true) await tell({ report: await (await stop)() });
});
process.on('disconnect', () => process.exit());
