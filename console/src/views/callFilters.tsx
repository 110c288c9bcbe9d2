import type { ComponentChildren } from 'preact';
import { Field } from '../parts/field.js';
import { FilterInput } from '../parts/filterInput.js';
import { setQuery } from '../setQuery.js';

/** The outcomes that a call can have; the names are the same in audit, metrics and traces. */
const outcomes = [
  ...['success', 'tool_error', 'invalid_request', 'unauthenticated', 'forbidden', 'rate_limited'],
  ...['quota_exceeded', 'not_found', 'no_instance', 'upstream_failed', 'timeout', 'cancelled'],
  ...['slow_consumer', 'internal'],
];

const groupings = ['user', 'client', 'tenant', 'tool', 'server', 'outcome', 'address', 'session'];

const spans = { '5m': 'last 5 minutes', '1h': 'last hour', '24h': 'last day', '7d': 'last week' };

/** What is filtered by, and counted by. It is in the address: a link shows somebody else the same. */
export const CallFilters = ({ query }: { readonly query: URLSearchParams }) => {
  const value = (name: string): string => query.get(name) ?? '';
  const custom = value('from') !== '' || value('to') !== '';
  return (
    <form class="filters" role="search" onSubmit={(event) => event.preventDefault()}>
      <FilterInput search label="Search" value={value('search')} change={(search) => setQuery({ search })} />
      {['tool', 'user', 'server', 'client', 'tenant', 'address'].map((name) => (
        <FilterInput
          key={name}
          label={name.charAt(0).toUpperCase() + name.slice(1)}
          value={value(name)}
          change={(text) => setQuery({ [name]: text.trim() })}
        />
      ))}
      <Choice label="Outcome" name="outcome" value={value('outcome')}>
        <option value="">any</option>
        {outcomes.map((outcome) => (
          <option key={outcome} value={outcome}>
            {outcome.replaceAll('_', ' ')}
          </option>
        ))}
      </Choice>
      <Choice label="Time" name="last" value={custom ? 'custom' : value('last')} clears={['from', 'to']}>
        <option value="">all there is</option>
        {Object.entries(spans).map(([span, name]) => (
          <option key={span} value={span}>
            {name}
          </option>
        ))}
        <option value="custom">from … to …</option>
      </Choice>
      {custom || value('last') === 'custom' ? (
        <>
          <TimeFilter label="From" name="from" value={value('from')} />
          <TimeFilter label="To" name="to" value={value('to')} />
        </>
      ) : null}
      <Choice label="Count by" name="by" value={value('by')}>
        <option value="">each call</option>
        {groupings.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </Choice>
      {value('without') === '' ? null : (
        <button type="button" onClick={() => setQuery({ without: '' })}>
          Without {value('without')} ×
        </button>
      )}
      {value('session') === '' ? null : (
        <button type="button" onClick={() => setQuery({ session: '' })}>
          Session {value('session').slice(0, 8)}… ×<span class="visually-hidden"> Any session</span>
        </button>
      )}
    </form>
  );
};

interface FilterProps {
  readonly name: string;
  readonly value: string;
}

const TimeFilter = ({ label, name, value }: FilterProps & { readonly label: string }) => (
  <Field label={label} id={`filter-${name}`}>
    <input
      id={`filter-${name}`}
      type="datetime-local"
      value={value}
      onChange={({ currentTarget }) => setQuery({ [name]: currentTarget.value, last: 'custom' })}
    />
  </Field>
);

interface ChoiceProps extends FilterProps {
  readonly label: string;
  /** Entries of the address that a choice takes out. */
  readonly clears?: readonly string[];
  readonly children: ComponentChildren;
}

const Choice = ({ label, name, value, clears = [], children }: ChoiceProps) => (
  <Field label={label} id={`filter-${name}`}>
    <select
      id={`filter-${name}`}
      value={value}
      onChange={({ currentTarget }) =>
        setQuery({ ...Object.fromEntries(clears.map((key) => [key, ''])), [name]: currentTarget.value })
      }
    >
      {children}
    </select>
  </Field>
);
