import assert from 'node:assert/strict';
import { soundDefinition, type DefinitionKind } from '../../src/protocol/soundDefinition.js';
import { prompt, resource, template, tool } from '../e2e/fidelity/verbatim.js';

describe('protocol/soundDefinition', () => {
  const whole: [DefinitionKind, Record<string, unknown>][] = [
    ['Tool', tool],
    ['Prompt', prompt],
    ['Resource', resource],
    ['ResourceTemplate', template],
    ['Tool', { name: 'a', inputSchema: { type: 'object', properties: { any: true } }, outputSchema: {} }],
    ['Resource', { uri: 'x:y', name: '', annotations: { lastModified: '2025-01-12T15:00:58+01:00' } }],
  ];
  for (const [kind, definition] of whole)
    it(`gives a ${kind} back as it is: ${JSON.stringify(definition).slice(0, 40)}`, () => {
      const sound = soundDefinition(kind, definition);
      assert.ok('definition' in sound, JSON.stringify(sound));
      assert.equal(sound.definition, definition);
      assert.deepEqual(sound.dropped, []);
    });

  const bare = { name: 'a', inputSchema: { type: 'object' } };
  const spoilt: [DefinitionKind, Record<string, unknown>, Record<string, unknown>][] = [
    [
      'Tool',
      bare,
      { description: null, title: 7, outputSchema: null, annotations: null, icons: [{}], _meta: [] },
    ],
    ['Tool', bare, { annotations: { readOnlyHint: 'yes' }, execution: { taskSupport: 'perhaps' } }],
    ['Tool', bare, { outputSchema: { type: 'object', required: true } }],
    ['Prompt', { name: 'a' }, { description: null, arguments: [{ required: true }] }],
    ['Resource', { uri: 'x:y', name: 'a' }, { size: '17', mimeType: null, annotations: { priority: 2 } }],
    ['Resource', { uri: 'x:y', name: 'a' }, { annotations: { lastModified: '2025-01-12' } }],
    ['ResourceTemplate', { uriTemplate: 'x:{y}', name: 'a' }, { annotations: { audience: ['robot'] } }],
  ];
  for (const [kind, sound, malformed] of spoilt)
    it(`takes out of a ${kind} what is malformed: ${JSON.stringify(malformed)}`, () => {
      const kept = { vendorField: null, ...sound };
      const given = soundDefinition(kind, { ...malformed, ...kept });
      assert.ok('definition' in given, JSON.stringify(given));
      assert.deepEqual(given.definition, kept);
      assert.deepEqual([...given.dropped].sort(), Object.keys(malformed).sort());
    });

  const hopeless: [DefinitionKind, Record<string, unknown>, string][] = [
    ['Tool', { inputSchema: { type: 'object' } }, 'name'],
    ['Tool', { name: 7, inputSchema: { type: 'object' } }, 'name'],
    ['Tool', { name: 'a' }, 'inputSchema'],
    ['Tool', { name: 'a', inputSchema: {} }, 'inputSchema'],
    ['Tool', { name: 'a', inputSchema: { type: 'object', required: true } }, 'inputSchema'],
    ['Tool', { name: 'a', inputSchema: { type: 'object', properties: { x: 'string' } } }, 'inputSchema'],
    ['Prompt', { description: 'no name' }, 'name'],
    ['Resource', { name: 'a' }, 'uri'],
    ['Resource', { uri: 'x:y' }, 'name'],
    ['ResourceTemplate', { uriTemplate: null, name: 'a' }, 'uriTemplate'],
  ];
  for (const [kind, definition, key] of hopeless)
    it(`finds no ${kind} in ${JSON.stringify(definition)}`, () =>
      assert.deepEqual(soundDefinition(kind, definition), { fault: `its ${key} is missing or malformed` }));
});
