import type { SentRequest } from './wire.js';

/** Something that is no message, or no request one can serve. */
export interface Malformed {
  readonly value: unknown;
  /** The id it is answered with; none where it has none that can be read. */
  readonly key?: string;
  /** It is no request at all: it gets no answer. */
  readonly silent?: true;
}

/** What clients get wrong. Text is sent as it is. */
export const malformed: readonly Malformed[] = [
  { value: '{"jsonrpc":"2.0","id":7,' },
  { value: { hello: 'world' } },
  { value: { jsonrpc: '2.0', id: 'bad', method: 7 }, key: 'string bad' },
  { value: { jsonrpc: '1.0', id: 77, method: 'ping' }, key: 'number 77' },
  { value: { jsonrpc: '2.0', id: null, method: 'ping' } },
  { value: { jsonrpc: '2.0', id: 1.5, method: 'ping' } },
  { value: { jsonrpc: '2.0', id: { a: 1 }, method: 'ping' } },
  { value: { jsonrpc: '2.0', id: 'list', method: 'tools/list', params: [] }, key: 'string list' },
  { value: { jsonrpc: '2.0', id: 'own', method: '$/sluice/end' }, key: 'string own' },
  { value: { jsonrpc: '2.0', id: 'both', result: {}, error: { code: 1, message: 'x' } }, key: 'string both' },
  { value: 'null' },
  { value: '"text"' },
];

/** What a wire has to be told of it. */
export const owedTo = ({ key }: Malformed): { requests: readonly SentRequest[]; unreadable: number } => ({
  requests: key === undefined ? [] : [{ key, excused: false }],
  unreadable: key === undefined ? 1 : 0,
});
