import type { CallRecord } from '../../protocol/audit/callRecord.js';
import { ApiError } from './apiError.js';
import { callField, callFields } from './callField.js';
import type { CallTest } from './recentCalls.js';
import { toCallField } from './toCallField.js';

/**
 * Which calls a query is about.
 *
 * @param tenant whose calls may be seen; undefined for all
 * @throws ApiError `ERR_INVALID_REQUEST` for a time or a field that is none
 */
export const callTest = (query: URLSearchParams, tenant: string | undefined): CallTest => {
  const tests: CallTest[] = tenant === undefined ? [] : [({ who }) => who?.tenant === tenant];
  for (const name of callFields) {
    const of = callField(name);
    const wanted = query.get(name);
    if (wanted !== null && wanted !== '') tests.push((record) => of(record) === wanted);
  }
  const without = query.get('without');
  if (without !== null && without !== '') {
    const of = callField(toCallField(without, 'without'));
    tests.push((record) => of(record) === undefined);
  }
  const [from, to] = [timeOf(query, 'from'), timeOf(query, 'to')];
  if (from !== undefined) tests.push(({ time }) => Date.parse(time) >= from);
  if (to !== undefined) tests.push(({ time }) => Date.parse(time) <= to);
  const search = query.get('search')?.toLowerCase() ?? '';
  if (search !== '')
    tests.push((record) => searched(record).some((text) => text?.toLowerCase().includes(search)));
  return (record) => tests.every((test) => test(record));
};

const searched = ({
  id,
  trace_id: trace,
  method,
  target,
  server,
  who,
  error,
  reason,
  session,
}: CallRecord) => [id, trace, method, target, server, who?.user, who?.client, error, reason, session];

const timeOf = (query: URLSearchParams, name: string): number | undefined => {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  const time = Date.parse(text);
  if (Number.isNaN(time))
    throw new ApiError('ERR_INVALID_REQUEST', `\`${name}\` is no time such as 2026-01-31T12:00:00Z`);
  return time;
};
