/**
 * What a server may say, with everything that a gateway might lose: unknown `_meta` keys, annotations, icons, titles, schema
 * keywords, `ui://` links. Nothing here is routed by, but the names.
 */

const icons = [
  { src: 'https://example.org/icon.svg', mimeType: 'image/svg+xml', sizes: ['any'], theme: 'dark' },
  { src: 'data:image/png;base64,AAAA', mimeType: 'image/png', sizes: ['48x48', '96x96'] },
];
const annotations = { audience: ['user', 'assistant'], priority: 0.25, lastModified: '2026-11-21T09:00:00Z' };
const vendor = (place: string) => ({
  'vendor.example/key': { place, list: [1, null, 'ü', { deep: true }] },
  plain: place,
});

const schema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'https://example.org/order',
  type: 'object',
  $defs: {
    address: { $anchor: 'address', type: 'object', properties: { street: { type: 'string' } } },
    loop: { $dynamicAnchor: 'loop', properties: { next: { $dynamicRef: '#loop' } } },
  },
  properties: {
    address: { $ref: '#address' },
    kind: { type: 'string', enum: ['a', 'b'], title: 'Kind', examples: ['a'], 'x-vendor': { unit: 'cm' } },
    count: { type: 'integer', minimum: 0, default: 3 },
  },
  allOf: [{ anyOf: [{ required: ['kind'] }, { required: ['count'] }] }],
  if: { properties: { kind: { const: 'a' } }, required: ['kind'] },
  then: { properties: { count: { maximum: 9 } } },
  else: { not: { required: ['never'] } },
  dependentRequired: { address: ['kind'] },
  patternProperties: { '^x-': {} },
  additionalProperties: true,
};

/** A tool with everything on it. */
export const tool = {
  name: 'rich',
  title: 'Rich tool',
  description: 'Everything – ä, 🎉, "quotes"\nand lines',
  inputSchema: schema,
  outputSchema: {
    type: 'object',
    $defs: { n: { $anchor: 'n', type: 'number' } },
    properties: { total: { $ref: '#n' } },
    required: ['total'],
    'x-vendor': true,
  },
  annotations: {
    title: 'Annotated',
    readOnlyHint: true,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: false,
    vendorHint: 'x',
  },
  icons,
  execution: { taskSupport: 'forbidden', vendor: 1 },
  _meta: {
    ...vendor('tool'),
    ui: { resourceUri: 'ui://rich/widget.html', visibility: ['model', 'app'], csp: { connectDomains: [] } },
  },
  vendorField: { kept: true },
};

/** The tool's result, the fields of an era left out. */
export const toolResult = {
  content: [
    { type: 'text', text: 'ä 🎉', annotations, _meta: vendor('text') },
    { type: 'image', data: 'AAAA', mimeType: 'image/png', annotations, _meta: vendor('image') },
    { type: 'audio', data: 'AAAA', mimeType: 'audio/wav', vendorField: 1 },
    {
      type: 'resource_link',
      uri: 'ui://rich/widget.html',
      name: 'widget',
      title: 'Widget',
      description: 'A link',
      mimeType: 'text/html;profile=mcp-app',
      size: 17,
      icons,
      annotations,
      _meta: vendor('link'),
    },
    {
      type: 'resource',
      resource: {
        uri: 'ui://rich/embedded.html',
        mimeType: 'text/html',
        text: '<p>hi</p>',
        _meta: { ...vendor('embedded'), ui: { prefersBorder: true } },
      },
      annotations,
      _meta: vendor('resource'),
    },
    { type: 'vendor.example/hologram', payload: [1, 2, 3] },
  ],
  structuredContent: { total: 1e21, vendor: { nested: [null, false, 0, ''] } },
  isError: false,
  vendorField: 'kept',
  _meta: vendor('result'),
};

export const prompt = {
  name: 'greet',
  title: 'Greeting',
  description: 'Greets',
  arguments: [{ name: 'who', title: 'Who', description: 'whom', required: true, vendorField: 1 }],
  icons,
  _meta: vendor('prompt'),
};

export const promptResult = {
  description: 'A greeting',
  messages: [
    { role: 'user', content: { type: 'text', text: 'hi', annotations, _meta: vendor('message') } },
    { role: 'assistant', content: toolResult.content[3] },
    { role: 'user', content: toolResult.content[4] },
  ],
  _meta: vendor('prompt result'),
};

export const resource = {
  uri: 'ui://rich/widget.html',
  name: 'widget',
  title: 'Widget',
  description: 'Shown beside the tool',
  mimeType: 'text/html;profile=mcp-app',
  size: 17,
  annotations,
  icons,
  _meta: { ...vendor('resource'), ui: { csp: { resourceDomains: ['https://example.org'] } } },
};

export const template = {
  uriTemplate: 'docs://{area}/page{?lang}',
  name: 'page',
  title: 'Page',
  mimeType: 'text/plain',
  annotations,
  icons,
  _meta: vendor('template'),
};

export const resourceResult = {
  contents: [
    { uri: resource.uri, mimeType: resource.mimeType, text: '<p>hi</p>', _meta: vendor('contents') },
    { uri: `${resource.uri}#2`, mimeType: 'image/png', blob: 'AAAA' },
  ],
  _meta: vendor('resource result'),
};

export const completionResult = {
  completion: { values: ['ada', 'äda'], total: 2, hasMore: false },
  _meta: vendor('completion'),
};

/** An error of the server's own handler. */
export const failure = {
  code: -32050,
  message: 'No more of that – ü',
  data: { reason: 'sold_out', retryAfter: 3, list: [null, { a: 1 }], _meta: vendor('error') },
};

/** Arguments in which something might be lost. */
export const callArguments = {
  kind: 'b',
  count: 0,
  address: { street: 'Straße 1\u0000\u2028' },
  'x-null': null,
  'x-numbers': [0.1, -0, 1e21, 9007199254740991],
  'x-empty': { '': [], a: {} },
};
