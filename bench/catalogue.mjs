/**
 * What a change of one server costs where there are many: from the event to what every endpoint shows and to whether its clients have
 * to be told, in milliseconds, beside the same made as a whole.
 *
 * In one process, without load: it is the event loop that nobody else gets meanwhile. Changes and wholes take turns, so that a machine
 * that gets slower does so for both; the ratio is that of the fastest ones, which other processes have disturbed least. Nothing is
 * measured before a first turn of both.
 */
import { applyEvent, emptyCatalog } from '../dist/streams/catalog.js';
import { fingerprint } from '../dist/streams/fingerprint.js';
import { fakeBackend, offerOf } from '../dist/testing/fakeBackend.js';
import { steadyInstances } from '../dist/testing/steadyInstances.js';
import { markdownTable } from './markdownTable.mjs';

const toolsEach = 10;
const kinds = ['tools', 'prompts', 'resources'];

const tool = (index, mark) => ({
  name: `tool_${index}`,
  description: `Does what tool ${index} is for, with an order and all that belongs to it ${mark}`,
  inputSchema: {
    type: 'object',
    properties: { id: { type: 'string', description: 'The id of the order' }, count: { type: 'integer' } },
    required: ['id'],
  },
});
const offer = (mark) =>
  offerOf({ tools: Array.from({ length: toolsEach }, (_, index) => tool(index, mark)) });

const server = (index, mark = '') => ({
  settings: {
    type: 'rest',
    name: `service-${index}`,
    prefix: `s${index}`,
    urls: ['http://127.0.0.1'],
    strategy: 'round-robin',
    headers: {},
    timeoutMs: 1000,
    listTimeoutMs: 1000,
    exclude: [],
    discovered: { version: mark },
  },
  instances: steadyInstances([{ id: '1', backend: fakeBackend() }], `service-${index}`),
});

const configured = (servers, access) => ({
  kind: 'configured',
  settings: { naming: { separator: '_' }, namespaces: [], blockedTools, access, servers: [] },
  servers,
});
const blockedTools = [];

/** Every list as everyone who looks sees it. */
const look = (catalog, callers) => {
  for (const principal of callers)
    for (const kind of kinds) fingerprint(catalog.view({ namespace: undefined, principal }), kind);
};

/** All servers with their offers, in a catalogue that has no past. */
const whole = (servers, access) =>
  servers.reduce(
    (catalog, one) => applyEvent(catalog, { kind: 'offered', server: one, offer: offer('') }),
    applyEvent(emptyCatalog, configured(servers, access)),
  );

/** Gives milliseconds. */
const timed = (act) => {
  const began = performance.now();
  act();
  return performance.now() - began;
};

const row = (what, values, wholes) => {
  const sorted = values.toSorted((a, b) => a - b);
  return {
    what,
    median_ms: sorted[sorted.length >> 1],
    fastest_ms: sorted[0],
    ratio: sorted[0] / Math.min(...wholes),
  };
};

const measure = ({ rounds, servers: count }, tenants) => {
  const access =
    tenants === 0
      ? undefined
      : { tenants: Array.from({ length: tenants }, (_, n) => ({ name: `t${n}`, dedicated: false })) };
  const callers =
    tenants === 0 ? [{ roles: [] }] : access.tenants.map(({ name }) => ({ tenant: name, roles: [] }));
  const [wholes, offers, registrations] = [[], [], []];
  const servers = Array.from({ length: count }, (_, index) => server(index));
  let catalog = whole(servers, access);
  look(catalog, callers);
  for (let round = 0; round <= rounds; round++) {
    const at = (round * 7) % count;
    const offered = timed(() => {
      catalog = applyEvent(catalog, { kind: 'offered', server: servers[at], offer: offer(`offer ${round}`) });
      look(catalog, callers);
    });
    const registered = timed(() => {
      servers[at] = server(at, `registration ${round}`);
      catalog = applyEvent(catalog, configured([...servers], access));
      look(catalog, callers);
      catalog = applyEvent(catalog, { kind: 'offered', server: servers[at], offer: offer(`new ${round}`) });
      look(catalog, callers);
    });
    // Other objects, in which nothing is found again; making them is not measured.
    const fresh = whole(
      Array.from({ length: count }, (_, index) => server(index)),
      access,
    );
    const made = timed(() => look(fresh, callers));
    if (round === 0) continue;
    wholes.push(made);
    offers.push(offered);
    registrations.push(registered);
  }
  const seen = tenants === 0 ? '' : `, for ${tenants} tenants`;
  return [
    row(`everything${seen}`, wholes, wholes),
    row(`one offers something else${seen}`, offers, wholes),
    row(`one is registered anew${seen}`, registrations, wholes),
  ];
};

/**
 * Measures changes of one server.
 *
 * @param {{ rounds: number, servers: number }} plan
 * @returns {object[]} one row for each kind of change
 */
export const measureCatalogue = (plan) => [...measure(plan, 0), ...measure({ ...plan, rounds: 3 }, 20)];

/** The rows as a Markdown table. */
export const catalogueTable = (rows, { servers }) => {
  const lines = rows.map(({ what, median_ms, fastest_ms, ratio }) => [
    what,
    median_ms.toFixed(2),
    fastest_ms.toFixed(2),
    ratio.toFixed(3),
  ]);
  return markdownTable(
    [[`of ${servers} × ${toolsEach} tools`, 'median ms', 'fastest ms', 'of everything'], ...lines],
    (n) => n === 0,
  );
};
