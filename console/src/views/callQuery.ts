const filters = [
  ...['user', 'client', 'tenant', 'tool', 'server', 'outcome', 'address', 'session'],
  ...['without', 'search', 'from', 'to'],
];

/** Minutes by the names that the address has for them. */
const spans: Readonly<Record<string, number>> = { '5m': 5, '1h': 60, '24h': 1440, '7d': 10_080 };

/** Times are told to the minute, so that reading again asks the same. */
const minuteMs = 60_000;

/** What the filters of an address mean to the API: `&user=…`, or '' for none. */
export const callQuery = (query: URLSearchParams): string => {
  const asked = new URLSearchParams();
  for (const name of filters) {
    const value = query.get(name);
    if (value !== null && value !== '') asked.set(name, isTime(name) ? new Date(value).toISOString() : value);
  }
  const minutes = spans[query.get('last') ?? ''];
  if (minutes !== undefined)
    asked.set('from', new Date((Math.floor(Date.now() / minuteMs) - minutes) * minuteMs).toISOString());
  const text = asked.toString();
  return text === '' ? '' : `&${text}`;
};

const isTime = (name: string): boolean => name === 'from' || name === 'to';
