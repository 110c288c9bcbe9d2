/**
 * The REST service of the quickstart: orders, in memory, without dependencies.
 *
 *   GET  /orders/{id}     one order, 404 when there is none
 *   GET  /orders?…        search by customer, item, status; at most `limit`
 *   POST /orders          create one; 422 names each bad field
 *   GET  /export          all orders as NDJSON, a row every 200 ms
 *   GET  /warehouse       503 on every third call
 *
 * `node orders.mjs` listens on PORT (default 9101, 0 for any free one) of ORDERS_HOST (default 127.0.0.1) and prints its address.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

const rowMs = Number(process.env.ORDERS_ROW_MS ?? 200);
const maxBodyBytes = 64 * 1024;
const maxOrders = 10_000;

const row = (id, customer, item, quantity, status) => [id, { id, customer, item, quantity, status }];
const orders = new Map([
  row('1001', 'Ada Lovelace', 'green tea', 2, 'open'),
  row('1002', 'Grace Hopper', 'ship in a bottle', 1, 'shipped'),
  row('1003', 'Alan Turing', 'apples', 12, 'open'),
  row('1004', 'Katherine Johnson', 'star chart', 1, 'shipped'),
  row('1005', 'Edsger Dijkstra', 'road map', 3, 'cancelled'),
  row('1006', 'Barbara Liskov', 'black tea', 5, 'open'),
  row('1007', 'Tony Hoare', 'null modem cable', 1, 'cancelled'),
  row('1008', 'Radia Perlman', 'spanning tree seeds', 7, 'shipped'),
]);
let nextId = 1009;
let warehouseCalls = 0;

const json = (response, status, value) => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
};

const problem = (response, status, title, fields) =>
  json(response, status, fields === undefined ? { title } : { title, fields });

const contains = (text, part) => part === null || text.toLowerCase().includes(part.toLowerCase());

const search = (response, query) => {
  const limit = Number(query.get('limit') ?? 5);
  if (!Number.isInteger(limit) || limit < 1 || limit > 100)
    return problem(response, 422, 'limit is a whole number from 1 to 100');
  const found = [...orders.values()].filter(
    ({ customer, item, status }) =>
      contains(customer, query.get('customer')) &&
      contains(item, query.get('item')) &&
      (query.get('status') ?? status) === status,
  );
  json(response, 200, { total: found.length, orders: found.slice(0, limit) });
};

const bodyOf = async (request) => {
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > maxBodyBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
};

const isName = (value) => typeof value === 'string' && value.trim() !== '' && value.length <= 200;

const create = async (request, response) => {
  const text = await bodyOf(request);
  if (text === undefined) return problem(response, 413, 'The body is larger than 64 KiB');
  let order;
  try {
    order = JSON.parse(text);
  } catch {
    return problem(response, 400, 'The body is not JSON');
  }
  const { customer, item, quantity } = order ?? {};
  const fields = {
    ...(isName(customer) ? {} : { customer: 'a name' }),
    ...(isName(item) ? {} : { item: 'a name' }),
    ...(Number.isInteger(quantity) && quantity > 0 && quantity <= 1000 ? {} : { quantity: '1 to 1000' }),
  };
  if (Object.keys(fields).length > 0)
    return problem(response, 422, 'Some fields are missing or wrong', fields);
  if (orders.size >= maxOrders) return problem(response, 507, 'The order book is full');
  const id = String(nextId++);
  const created = { id, customer, item, quantity, status: 'open' };
  orders.set(id, created);
  response.setHeader('location', `/orders/${id}`);
  json(response, 201, created);
};

/** Stops as soon as its reader is gone: a cancelled call costs nothing more. */
const exportAll = async (response) => {
  response.writeHead(200, { 'content-type': 'application/x-ndjson' });
  for (const order of [...orders.values()]) {
    if (response.destroyed) return;
    if (!response.write(`${JSON.stringify(order)}\n`))
      await Promise.race([once(response, 'drain'), once(response, 'close')]);
    await sleep(rowMs);
  }
  response.end();
};

const warehouse = (response) => {
  warehouseCalls++;
  if (warehouseCalls % 3 === 0) return problem(response, 503, 'The warehouse is being counted, try again');
  json(response, 200, { open: true, shelves: 42, calls: warehouseCalls });
};

const handle = async (request, response) => {
  const { pathname, searchParams } = new URL(request.url, 'http://orders');
  const [, id] = /^\/orders\/([^/]+)$/.exec(pathname) ?? [];
  const route = `${request.method} ${id === undefined ? pathname : '/orders/{id}'}`;
  switch (route) {
    case 'GET /orders':
      return search(response, searchParams);
    case 'POST /orders':
      return create(request, response);
    case 'GET /export':
      return exportAll(response);
    case 'GET /warehouse':
      return warehouse(response);
    case 'GET /orders/{id}': {
      const order = orders.get(id);
      return order === undefined
        ? problem(response, 404, `There is no order ${id}`)
        : json(response, 200, order);
    }
    default:
      return problem(response, 404, 'There is nothing here');
  }
};

const server = createServer((request, response) => {
  handle(request, response).catch((error) => {
    console.error(error);
    if (response.headersSent) response.destroy();
    else problem(response, 500, 'Internal error');
  });
});

server.on('error', (error) => {
  console.error(`orders: ${error.message}`);
  process.exit(1);
});
server.listen(Number(process.env.PORT ?? 9101), process.env.ORDERS_HOST ?? '127.0.0.1', () => {
  const url = `http://127.0.0.1:${server.address().port}`;
  console.log(`orders listens on ${url}`);
  // Its parent wants to know the address, if it has one that listens.
  process.send?.({ url });
});

const stop = () => {
  server.close(() => process.exit(0));
  server.closeAllConnections();
};
process.on('SIGTERM', stop).on('SIGINT', stop).on('disconnect', stop);
