import assert from 'node:assert/strict';
import { warnOfSharedUris } from '../../src/gateway/warnOfSharedUris.js';
import { serverOffering } from '../../src/testing/serverOffering.js';
import type { ServerState } from '../../src/streams/serverState.js';
import { silent } from '../../src/streams/log.js';
import { catalogOf } from '../operators/scenarios.js';

const offering = (name: string, ...uris: readonly string[]): ServerState =>
  serverOffering(name, { resources: uris.map((uri) => ({ uri, name: uri })) });

/** What is logged as these catalogues come, one after the other. */
const told = (...catalogs: readonly (readonly ServerState[])[]): readonly unknown[] => {
  const lines: unknown[] = [];
  const warn = warnOfSharedUris({ ...silent, warn: (fields) => lines.push(fields) });
  for (const servers of catalogs) warn(catalogOf(...servers));
  return lines;
};
const line = (server: string, hidden: string, uri: string) => ({ event: 'shared_uri', server, hidden, uri });

describe('gateway/warnOfSharedUris', () => {
  const a = offering('a', 'x:1', 'x:2');
  const b = offering('b', 'x:2', 'x:1');

  it('names the server that answers and the one that does not, once for all they share', () =>
    assert.deepEqual(told([a, b]), [line('a', 'b', 'x:2')]));

  it('says it once, however often the catalogue changes', () =>
    assert.deepEqual(told([a, b], [a, b], [offering('a', 'x:1'), b, offering('c', 'y:1')]), [
      line('a', 'b', 'x:2'),
    ]));

  it('says it when a later offer brings it about, and for every other pair', () =>
    assert.deepEqual(told([a, offering('b', 'y:1')], [a, b], [a, b, offering('c', 'x:1')]), [
      line('a', 'b', 'x:2'),
      line('a', 'c', 'x:1'),
    ]));

  it('takes templates for what they are', () => {
    const template = (name: string) =>
      serverOffering(name, { resourceTemplates: [{ uriTemplate: 'x:{id}', name: 'x' }] });
    assert.deepEqual(told([template('a'), template('b')]), [line('a', 'b', 'x:{id}')]);
  });

  it('says nothing of a server whose resources are not offered, and of one that says a URI twice', () => {
    const hidden = serverOffering(
      'b',
      { resources: [{ uri: 'x:1', name: 'x' }] },
      { capabilities: ['tools'] },
    );
    assert.deepEqual(told([a, hidden, offering('c', 'z:1', 'z:1')]), []);
  });
});
