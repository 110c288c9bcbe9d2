import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { lastValueFrom } from 'rxjs';
import type { RestServerSettings } from '../../../src/config/settings.js';
import type { ToolDefinition } from '../../../src/protocol/mcp.js';
import type { OpenApiDocument } from '../../../src/sources/backends/rest/openapi/resolveRef.js';
import { parseDocument } from '../../../src/sources/backends/rest/openapi/parseDocument.js';
import {
  toolsFromOpenApi,
  type OpenApiTools,
} from '../../../src/sources/backends/rest/openapi/toolsFromOpenApi.js';
import { restBackend } from '../../../src/sources/backends/rest/restBackend.js';
import type { Backend, Offer } from '../../../src/streams/backend.js';
import { silent } from '../../../src/streams/log.js';
import { backendAt, callOf, resultOf, server, textOf, tool } from './restCalls.js';
import { startService, type Service } from './startService.js';

const fixture = (name: string): string =>
  fileURLToPath(new URL(`../../fixtures/openapi/${name}`, import.meta.url));
const zoo = fixture('zoo-3.0.yaml');
const library = fixture('library-3.1.json');

const documents = new Map<string, OpenApiDocument>();
before(async () => {
  for (const path of [zoo, library]) documents.set(path, await parseDocument(readFileSync(path)));
});

const toolsOf = (path: string, filter: { include?: string[]; exclude?: string[] } = {}): OpenApiTools =>
  toolsFromOpenApi(documents.get(path) ?? {}, { exclude: [], ...filter });

const named = ({ tools }: OpenApiTools, name: string): ToolDefinition => {
  const found = tools.find(({ definition }) => definition.name === name)?.definition;
  assert.ok(found, `${name} among ${tools.map(({ definition }) => definition.name).join()}`);
  return found;
};

describe('toolsFromOpenApi', () => {
  it('names tools by operationId, or by method and path, and tells duplicates apart', () => {
    const { tools, serverInfo } = toolsOf(zoo);
    const names = tools.map(({ definition }) => definition.name);
    assert.deepEqual(names.slice(0, 7), [
      'getAnimal',
      'animals_replace',
      'delete_animals_animalId',
      'list_animals',
      'addAnimal',
      'feed',
      'addNote',
    ]);
    const twins = names.slice(7);
    assert.equal(twins.length, 2);
    for (const twin of twins) assert.match(twin, /^twin_[0-9a-f]{8}$/);
    assert.equal(new Set(names).size, names.length);
    assert.deepEqual(serverInfo, { name: 'Zoo', version: '1.4.0' });
  });

  it('leaves out what can not work, each with its reason, and nothing else', () => {
    const { warnings } = toolsOf(zoo);
    const reasons: readonly RegExp[] = [
      /path \/external-item is left out: it refers to another document/,
      /2 operations are called "twin"/,
      /addPhoto .*request body can't be sent \(multipart\/form-data\)/,
      /external \(GET \/external\) .*refers to another document \("http:\/\/127/,
      /externalFile .*refers to another document \("\/etc\/passwd"\)/,
      /danglingRef .*leads nowhere/,
      /circle .*circle/,
      /needsCookie .*requires the cookie "sid"/,
      /elsewhere .*servers of its own/,
    ];
    for (const reason of reasons)
      assert.ok(
        warnings.some((warning) => reason.test(warning)),
        `${reason} in ${warnings.join('\n')}`,
      );
    assert.equal(warnings.length, reasons.length);
  });

  it('describes tools and says what their methods mean', () => {
    const tools = toolsOf(zoo);
    assert.equal(named(tools, 'getAnimal').description, 'One animal\n\nLooks an animal up by its id.');
    assert.deepEqual(named(tools, 'getAnimal').annotations, { readOnlyHint: true });
    assert.equal(named(tools, 'animals_replace').description, 'Deprecated. animals_replace');
    assert.equal(named(tools, 'animals_replace').annotations?.idempotentHint, true);
    const { annotations } = named(tools, 'delete_animals_animalId');
    assert.equal(annotations?.idempotentHint, true);
    assert.equal(annotations.destructiveHint, true);
    assert.equal(named(tools, 'addAnimal').annotations?.idempotentHint, undefined);
  });

  it('makes arguments of path, query and header parameters', () => {
    const tools = toolsOf(zoo);
    assert.deepEqual(named(tools, 'getAnimal').inputSchema, {
      type: 'object',
      properties: {
        animalId: { type: 'integer', format: 'int64', description: 'Its id' },
        verbose: { type: 'boolean', default: false, description: 'More of it' },
        'X-Keeper': { type: 'string' },
      },
      required: ['animalId'],
    });
    const { properties } = named(tools, 'list_animals').inputSchema;
    assert.deepEqual((properties as Record<string, unknown>)['id'], { type: 'integer', exclusiveMinimum: 0 });
    assert.deepEqual((properties as Record<string, unknown>)['id_header'], { type: 'string' });
    assert.deepEqual(Object.keys(named(tools, 'addNote').inputSchema['properties'] as object), [
      'body_query',
      'body',
    ]);
  });

  it('keeps cyclic references as $defs, each direction with its members', () => {
    const input = named(toolsOf(zoo), 'addAnimal').inputSchema;
    assert.deepEqual(input['required'], ['body']);
    assert.deepEqual(input['properties'], {
      body: { $ref: '#/$defs/Animal', description: 'The animal to add' },
    });
    assert.deepEqual(input['$defs'], {
      Animal: {
        type: 'object',
        required: ['name'],
        properties: {
          name: { type: 'string', minLength: 1 }, // the pattern is none with Unicode semantics
          nick: { type: ['string', 'null'], enum: ['Rex', 'Leo', null] },
          weight: { type: 'number', exclusiveMinimum: 0, maximum: 9000 },
          secret: { type: 'string', writeOnly: true },
          mother: { $ref: '#/$defs/Animal' },
          father: { anyOf: [{ allOf: [{ $ref: '#/$defs/Animal' }] }, { type: 'null' }] },
          home: { $ref: '#/$defs/Home' },
        },
      },
      Home: {
        allOf: [
          { type: 'object', properties: { house: { type: 'string' } } },
          { type: 'object', properties: { residents: { type: 'array', items: { $ref: '#/$defs/Animal' } } } },
        ],
      },
    });
    const output = named(toolsOf(zoo), 'getAnimal').outputSchema as Record<string, unknown>;
    assert.equal(output['type'], 'object');
    const properties = output['properties'] as Record<string, unknown>;
    assert.deepEqual(properties['id'], { type: 'integer', readOnly: true, examples: [7] });
    assert.equal(properties['secret'], undefined);
    assert.deepEqual(output['required'], ['id', 'name']);
    assert.ok(Object.hasOwn(output['$defs'] as object, 'Animal'));
  });

  it('gives an output schema only to what always answers with one object', () => {
    for (const name of ['list_animals', 'animals_replace', 'feed'])
      assert.equal(named(toolsOf(zoo), name).outputSchema, undefined);
    assert.equal((named(toolsOf(library), 'lend').outputSchema as { type: string }).type, 'object');
  });

  it('keeps 3.1 schemas as they are, but for what would move their references', () => {
    const tools = toolsOf(library);
    const { properties, $defs } = named(tools, 'lend').inputSchema;
    assert.deepEqual((properties as Record<string, unknown>)['body'], {
      type: 'object',
      properties: {
        reader: { $ref: '#/$defs/Reader' },
        days: { type: ['integer', 'null'], exclusiveMinimum: 0, examples: [14] },
        kind: { const: 'loan' },
      },
      required: ['reader'],
      unevaluatedProperties: false,
    });
    assert.deepEqual($defs, {
      Reader: {
        type: 'object',
        properties: { friends: { type: 'array', items: { $ref: '#/$defs/Reader' } } },
      },
    });
    assert.deepEqual(named(tools, 'lend').inputSchema['required'], ['isbn']);
    assert.deepEqual(named(tools, 'getBook').outputSchema, {
      type: 'object',
      properties: { title: { $ref: '#/$defs/title' } },
      $defs: { title: { type: 'string', description: 'Of the book' } },
    });
    assert.deepEqual(tools.warnings, [
      'dynamic (GET /dynamic) is left out: its schema uses $dynamicRef, which is not supported',
    ]);
  });

  it('makes schemas that ajv can compile', () => {
    for (const path of [zoo, library])
      for (const { definition } of toolsOf(path).tools) {
        const ajv = new Ajv2020({ strict: false });
        formats.default(ajv);
        ajv.compile(definition.inputSchema);
        if (definition.outputSchema !== undefined) ajv.compile(definition.outputSchema as object);
      }
  });

  it('includes first, then excludes, by operationId or name', () => {
    const names = (filter: { include?: string[]; exclude?: string[] }): string[] =>
      toolsOf(zoo, filter).tools.map(({ definition }) => definition.name);
    assert.deepEqual(names({ include: ['*Animal', 'animals.replace'] }), [
      'getAnimal',
      'animals_replace',
      'addAnimal',
    ]);
    assert.deepEqual(names({ include: ['*Animal'], exclude: ['add*'] }), ['getAnimal']);
    assert.deepEqual(names({ include: ['delete_animals_animalId'] }), ['delete_animals_animalId']);
    assert.deepEqual(toolsOf(zoo, { include: ['getAnimal'] }).tools.length, 1);
  });

  it('gives the same names whatever the order of the document', () => {
    const document = documents.get(zoo) ?? {};
    const reversed = Object.fromEntries(Object.entries(document['paths'] as object).reverse());
    const names = (paths: unknown): string[] =>
      toolsFromOpenApi({ ...document, paths }, { exclude: [] })
        .tools.map(({ definition, method, path }) => `${definition.name} ${method} ${path}`)
        .sort();
    assert.deepEqual(names(reversed), names(document['paths']));
  });

  it('leaves out schemas that are too deep or too large, and what refers out of the document', () => {
    let deep: unknown = { type: 'string' };
    for (let level = 0; level < 200; level++) deep = { type: 'array', items: deep };
    const many = Object.fromEntries(Array.from({ length: 30_000 }, (_, n) => [`p${n}`, { type: 'string' }]));
    const operation = (operationId: string, schema: unknown): object => ({
      operationId,
      parameters: [{ name: 'a', in: 'query', schema }],
    });
    const { tools, warnings } = toolsFromOpenApi(
      {
        paths: {
          '/a': {
            get: operation('deep', deep),
            put: operation('large', { type: 'object', properties: many }),
          },
          '/b': {
            get: operation('proto', { $ref: '#/constructor' }),
            put: operation('fine', { type: 'string' }),
          },
          '/c': { get: operation('nonsense', 7), put: { operationId: 'odd', parameters: [null] } },
          '/d': null,
        },
      },
      { exclude: [] },
    );
    assert.deepEqual(
      tools.map(({ definition }) => definition.name),
      ['fine'],
    );
    assert.equal(warnings.length, 6);
  });

  it('shows large schemas in part, what is near to the root first', () => {
    const schemas = Object.fromEntries(
      Array.from({ length: 3000 }, (_, n) => [
        `S${n}`,
        { type: 'object', properties: { next: { $ref: `#/components/schemas/S${(n + 1) % 3000}` } } },
      ]),
    );
    const content = { 'application/json': { schema: { $ref: '#/components/schemas/S0' } } };
    const operation = { operationId: 'chain', requestBody: { content }, responses: { 200: { content } } };
    const tools = toolsFromOpenApi(
      { paths: { '/a': { post: operation } }, components: { schemas } },
      { exclude: [] },
    );
    const { inputSchema, outputSchema } = named(tools, 'chain');
    assert.deepEqual(tools.warnings, ['chain: its input schema is shown in part: it is too large']);
    for (const schema of [inputSchema, outputSchema as Record<string, unknown>]) {
      const defs = Object.entries(schema['$defs'] as object);
      assert.ok(defs.length > 50 && defs.length < 1000, `${defs.length} definitions`);
      assert.deepEqual(defs.at(-1)?.[1], { description: 'Not shown here: the schema is too large' });
      new Ajv2020({ strict: false }).compile(schema);
    }
  });

  it('converts a large document whose schemas all refer to each other, in part', () => {
    const ref = (n: number): object => ({ $ref: `#/components/schemas/S${n % 500}` });
    const schemas = Object.fromEntries(
      Array.from({ length: 500 }, (_, n) => [
        `S${n}`,
        {
          type: 'object',
          properties: { a: ref(n + 1), b: ref(n * 7), c: ref(n * 13), d: { type: 'string' } },
        },
      ]),
    );
    const paths = Object.fromEntries(
      Array.from({ length: 3000 }, (_, n) => {
        const content = { 'application/json': { schema: ref(n) } };
        return [`/r${n}`, { post: { requestBody: { content }, responses: { 200: { content } } } }];
      }),
    );
    const { tools, warnings } = toolsFromOpenApi({ paths, components: { schemas } }, { exclude: [] });
    assert.equal(tools.length, 2000);
    assert.equal(warnings[0], '1000 operations beyond the first 2000 are left out');
    assert.ok(warnings.length <= 101);
  });

  it('refuses documents that are none, with the reason', async () => {
    for (const [text, reason] of [
      ['{"swagger":"2.0"}', /Swagger 2\.0/],
      ['[]', /not an object/],
      ['openapi: 4.0.0', /does not say/],
      ['a: [', /neither valid JSON nor valid YAML/],
    ] as const)
      await assert.rejects(parseDocument(Buffer.from(text)), reason);
    assert.ok(await parseDocument(Buffer.from('openapi: 3.0\npaths: {}')));
  });

  it('refuses documents of aliases that multiply or hold themselves', async () => {
    const lines = ['a0: &a0 [x,x,x,x,x,x,x,x,x,x]'];
    for (let n = 1; n < 10; n++) lines.push(`a${n}: &a${n} [${`*a${n - 1},`.repeat(10)}]`);
    await assert.rejects(parseDocument(Buffer.from(`openapi: 3.0.0\n${lines.join('\n')}`)), /neither valid/);
    const own =
      'openapi: 3.0.0\npaths: { /a: { get: { parameters: &p [{ name: a, in: query, schema: { default: *p } }] } } }';
    const self = await parseDocument(Buffer.from(own)).catch(() => undefined);
    if (self !== undefined) assert.deepEqual(toolsFromOpenApi(self, { exclude: [] }).tools, []);
  });

  it('reads large YAML on another thread, and says what is wrong with it', async () => {
    const filler = `x-7: [${'some text, '.repeat(20_000)}]`;
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    const document = await parseDocument(Buffer.from(`openapi: 3.1.0\n${filler}`));
    clearInterval(timer);
    assert.equal((document['x-7'] as unknown[]).length, 20_000);
    assert.ok(turns > 10, `${turns} turns of the event loop meanwhile`);
    await assert.rejects(parseDocument(Buffer.from(`openapi: 3.1.0\n${filler}\na: [`)), /neither valid/);
  });
});

describe('restBackend: OpenAPI', () => {
  let service: Service | undefined;
  const directory = mkdtempSync(join(tmpdir(), 'sluice-openapi-'));
  const made: Backend[] = [];

  after(() => rmSync(directory, { recursive: true }));
  afterEach(async () => {
    for (const backend of made.splice(0)) await backend.close(0);
    await service?.close();
    service = undefined;
  });

  const at = (url: string, settings: Partial<RestServerSettings>): Backend => {
    const backend = backendAt(url, settings.tools ?? [], { settings });
    made.push(backend);
    return backend;
  };
  const offered = (backend: Backend): Promise<Offer> => lastValueFrom(backend.offer());
  const namesOf = ({ tools }: Offer): string[] => tools.map(({ name }) => name);

  it('sends calls as the document says', async () => {
    service = await startService();
    const backend = at(`${service.url}/root`, { openapi: zoo });
    const call = async (name: string, values: object): Promise<void> => {
      const result = await resultOf(backend, callOf(values as Record<string, unknown>, {}, name));
      assert.equal(result.isError, undefined, textOf(result));
    };
    // No offer has been asked for: the first call reads the document by itself.
    await call('getAnimal', { animalId: 7, verbose: true, 'X-Keeper': 'Kim', extra: 1 });
    await call('list_animals', {
      tags: ['a', 'b'],
      ids: [1, 2],
      filter: { kind: 'cat' },
      id: 3,
      id_header: 'h',
    });
    await call('addAnimal', { body: { name: 'Rex' } });
    await call('feed', { body: { animal: 7, food: ['hay', 'apple & pear'] } });
    await call('addNote', { body: { title: 'Grün', stars: 5 }, body_query: 'q' });
    await call('delete_animals_animalId', { animalId: 7 });
    const [get, list, add, feed, note, remove] = service.seen;
    assert.equal(get?.url, '/root/animals/7?verbose=true&extra=1');
    assert.equal(get.headers['x-keeper'], 'Kim');
    assert.equal(list?.url, '/root/animals?tags=a&tags=b&ids=1,2&filter%5Bkind%5D=cat&id=3');
    assert.equal(list.headers['id'], 'h');
    assert.equal(add?.body, '{"name":"Rex"}');
    assert.equal(feed?.headers['content-type'], 'application/x-www-form-urlencoded');
    assert.equal(feed.body, 'animal=7&food=hay&food=apple%20%26%20pear');
    assert.equal(note?.url, '/root/notes?body=q');
    const boundary = /^multipart\/form-data; boundary=(.+)$/.exec(String(note.headers['content-type']))?.[1];
    assert.equal(
      note.body,
      [`--${boundary}`, 'content-disposition: form-data; name="title"', '', 'Grün']
        .concat(
          `--${boundary}`,
          'content-disposition: form-data; name="stars"',
          '',
          '5',
          `--${boundary}--`,
          '',
        )
        .join('\r\n'),
    );
    assert.equal(remove?.method, 'DELETE');
    assert.equal(remove.body, '');
  });

  it('lets a tool of the settings replace the one of the document', async () => {
    service = await startService();
    const own = tool({ name: 'getAnimal', path: '/mine/{id}', description: 'Mine' });
    const backend = at(service.url, { openapi: zoo, tools: [own], include: ['getAnimal', 'feed'] });
    const offer = await offered(backend);
    assert.deepEqual(namesOf(offer).sort(), ['feed', 'getAnimal']);
    assert.equal(offer.tools.find(({ name }) => name === 'getAnimal')?.description, 'Mine');
    assert.deepEqual(offer.serverInfo, { name: 'Zoo', version: '1.4.0' });
    await resultOf(backend, callOf({ id: 1 }, {}, 'getAnimal'));
    assert.equal(service.seen[0]?.url, '/mine/1');
  });

  it('reads the document again each time; the same one gives the same offer', async () => {
    const path = join(directory, 'changing.json');
    cpSync(library, path);
    const backend = at('http://127.0.0.1:9', { openapi: path });
    const first = await offered(backend);
    assert.equal(await offered(backend), first);
    const changed = JSON.parse(readFileSync(library, 'utf8')) as { paths: Record<string, unknown> };
    delete changed.paths['/export'];
    writeFileSync(path, JSON.stringify(changed));
    assert.deepEqual(namesOf(await offered(backend)), ['getBook', 'lend']);
    writeFileSync(path, '{');
    await assert.rejects(offered(backend), (error: Error & { code?: string }) => {
      assert.equal(error.code, 'ERR_UPSTREAM_UNREACHABLE');
      assert.ok(!error.message.includes(directory));
      return true;
    });
  });

  it('reads the document by URL, from where its server is taken too; the credential stays home', async () => {
    const document = readFileSync(library, 'utf8');
    service = await startService((_request, response, { url }) => {
      response
        .setHeader('content-type', 'application/json')
        .end(url === '/docs/openapi.json' ? document : '{}');
    });
    const headers = { authorization: 'Bearer 12345678' };
    const location = `${service.url}/docs/openapi.json`;
    const backend = at('', { openapi: location, headers });
    assert.deepEqual(namesOf(await offered(backend)), ['getBook', 'lend', 'export']);
    await resultOf(backend, callOf({ isbn: '1', body: { reader: {} } }, {}, 'lend'));
    const own = at(service.url, { openapi: location, headers, urls: [service.url] });
    await offered(own);
    const [stranger, call, home] = service.seen;
    assert.equal(stranger?.headers.authorization, undefined);
    assert.equal(call?.url, '/api/books/1/loans');
    assert.equal(call.headers['content-type'], 'application/vnd.library+json');
    assert.equal(call.headers.authorization, 'Bearer 12345678');
    assert.equal(home?.headers.authorization, 'Bearer 12345678');
  });

  it('lets every instance of a server know what one of them has read', async () => {
    service = await startService();
    const settings = server({ openapi: zoo });
    const [asked, called] = [1, 2].map(() => restBackend({ settings, url: service?.url ?? '', log: silent }));
    assert.ok(asked && called);
    made.push(asked, called);
    await offered(asked);
    await resultOf(called, callOf({ animalId: 1 }, {}, 'getAnimal'));
    assert.equal(service.seen[0]?.url, '/animals/1');
  });

  it('takes variables of the server URL at their defaults', async () => {
    const path = join(directory, 'server.json');
    service = await startService();
    const port = new URL(service.url).port;
    const variables = { port: { default: port }, root: { default: 'v2' } };
    writeFileSync(
      path,
      JSON.stringify({
        openapi: '3.1.0',
        servers: [{ url: 'http://127.0.0.1:{port}/{root}/', variables }],
        paths: { '/x': { get: { operationId: 'x' } } },
      }),
    );
    await resultOf(at('', { openapi: path }), callOf({}, {}, 'x'));
    assert.equal(service.seen[0]?.url, '/v2/x');
    await assert.rejects(offered(at('', { openapi: library })), /names no complete server URL/);
  });

  it('offers its own tools alone while there is no document, and says so', async () => {
    const backend = at('http://127.0.0.1:9', { openapi: join(directory, 'none.yaml'), tools: [tool()] });
    const offer = await offered(backend);
    assert.deepEqual(namesOf(offer), ['it']);
    assert.equal(offer.ttlMs, 5000);
    assert.deepEqual(offer.warnings, ["The OpenAPI document can't be used: its file can not be read"]);
    const bare = at('http://127.0.0.1:9', { openapi: join(directory, 'none.yaml') });
    await assert.rejects(offered(bare), { code: 'ERR_UPSTREAM_UNREACHABLE' });
  });

  it('refuses a document that is too large, and gives up when nobody waits any more', async () => {
    let closed: Promise<unknown> | undefined;
    service = await startService((_request, response, { url }) => {
      closed = new Promise((resolve) => response.on('close', resolve));
      response.writeHead(200);
      const more = (): void => {
        while (!response.destroyed && response.write('#'.repeat(64 * 1024)));
        if (!response.destroyed) response.once('drain', more);
      };
      if (url === '/endless') more();
      else response.write('{');
    });
    await assert.rejects(
      offered(at(service.url, { openapi: `${service.url}/endless` })),
      /larger than 10 MiB/,
    );
    await closed;
    const asked = at(service.url, { openapi: `${service.url}/hangs` })
      .offer()
      .subscribe();
    while (service.seen.length < 2) await new Promise((resolve) => setImmediate(resolve));
    asked.unsubscribe();
    await closed;
  });

  it('says with which status a document was refused', async () => {
    service = await startService((_request, response) => void response.writeHead(404).end());
    await assert.rejects(
      offered(at(service.url, { openapi: `${service.url}/x` })),
      /reading it gave HTTP 404/,
    );
  });
});
