import assert from 'node:assert/strict';
import { ask } from '../support/ask.js';
import { responseOf } from '../support/messagesOf.js';
import { modernCall, modernRequest } from '../support/modern.js';
import { openLegacySession } from '../support/openLegacySession.js';
import { callOf } from './attempts.js';
import { refuses, type Attempt } from './refuses.js';
import { setStage, type Stage } from './stage.js';

/** Names that a person or a careless comparison takes for `back_echo`. */
const alike: Readonly<Record<string, string>> = {
  'a Cyrillic letter': 'back_есho',
  'a Greek letter': 'back_echο',
  'wide letters': 'ｂack_echo',
  'mathematical letters': '𝐛ack_echo',
  'a letter and its accent (NFD)': 'back_echo\u0301',
  'a zero width space': 'back_echo\u200b',
  'a zero width joiner': 'back\u200d_echo',
  'a soft hyphen': 'back_ec\u00adho',
  'a byte order mark': '\ufeffback_echo',
  'a right-to-left override': 'back_\u202eohce',
  'an isolate': '\u2066back_echo\u2069',
  'a tag character': 'back_echo\u{e0041}',
  'a variation selector': 'back_echo\ufe0f',
  'a fraction slash': 'back\u2044echo',
  'capital letters': 'BACK_ECHO',
  'white space behind': 'back_echo ',
  'a tab in front': '\tback_echo',
  'a zero behind': 'back_echo\0',
  'a line behind': 'back_echo\r\nMcp-Name: rest_find',
  "the server's own name": 'echo',
  'a namespace in front': 'x/back_echo',
  'a path': '../back_echo',
  'an escape': 'back%5Fecho',
};

describe('security: names that look like others', () => {
  let stage: Stage;
  before(
    async () =>
      (stage = await setStage({
        tools: ['echo', 'ｅcho', 'echo\u200b', 'есho', 'echo\u202e', 'ECHO'].map((name) => ({
          name,
          inputSchema: { type: 'object' },
        })),
      })),
  );
  after(() => stage.close());

  refuses(
    () => stage,
    [
      ...Object.entries(alike).map(([what, name]): Attempt => ({
        name: what,
        send: callOf(name),
        gets: [200, -32602, `Unknown tool: ${name}`],
      })),
      {
        name: 'half of a surrogate pair, where a header has to say it',
        send: callOf('back_echo\ud800'),
        gets: [400, -32020, 'Header mismatch: Mcp-Name differs from params.name'],
      },
      {
        name: 'half of a surrogate pair, where none has to',
        send: async ({ port }) => {
          const session = await openLegacySession(port);
          return session.request('tools/call', { name: 'back_echo\ud800' });
        },
        gets: [200, -32602, 'Unknown tool: back_echo\ud800'],
      },
      {
        name: 'a header that is another Unicode form of the name',
        send: modernRequest(
          'tools/call',
          { name: 'back_\u00e9' },
          { headers: { 'mcp-name': '=?base64?YmFja19lzIE=?=' } },
        ),
        gets: [400, -32020, 'Header mismatch: Mcp-Name differs from params.name'],
      },
      {
        name: 'a header whose base64 is loose',
        send: modernRequest(
          'tools/call',
          { name: 'back_echo' },
          { headers: { 'mcp-name': '=?base64?YmFja19lY2hv==?=' } },
        ),
        gets: [400, -32020, 'Header mismatch: Mcp-Name is not valid base64'],
      },
      {
        name: 'a header that is no ASCII',
        send: modernRequest(
          'tools/call',
          { name: 'back_\u00e9' },
          { headers: { 'mcp-name': 'back_\u00e9' } },
        ),
        gets: [400, -32020, 'Header mismatch: Mcp-Name is not valid base64'],
      },
      {
        name: 'a name of 20,000 letters, which is cut where it is told',
        send: callOf('x'.repeat(20_000)),
        gets: [200, -32602, `Unknown tool: ${'x'.repeat(256)}`],
      },
    ],
  );

  it('a server with such names has each under a plain name of its own', async () => {
    const { result } = responseOf(await ask(stage.port, modernRequest('tools/list')));
    const tools = (result?.['tools'] as { name: string }[]).map(({ name }) => name);
    const own = tools.filter((name) => name.startsWith('back_'));
    assert.equal(own.length, 6);
    assert.equal(new Set(own).size, 6);
    for (const name of own) assert.match(name, /^[A-Za-z0-9_-]+$/);
    const seen = await stage.seenOf(async () => {
      for (const name of own) await modernCall(stage.port, name);
    });
    const called = seen.map(({ body }) => (JSON.parse(body) as { params: { name: string } }).params.name);
    assert.deepEqual(new Set(called), new Set(['echo', 'ｅcho', 'echo\u200b', 'есho', 'echo\u202e', 'ECHO']));
  });
});
