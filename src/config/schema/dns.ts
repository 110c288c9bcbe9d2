/** Addresses of a server from DNS. */
import { Type } from '@sinclair/typebox';
import { limits } from '../limits.js';
import { dnsName, duration, oneOf, resolver } from './kinds.js';

/** The key of a remote server about where its addresses come from. */
export const dns = Type.Object(
  {
    srv: Type.Optional(
      dnsName(
        'Name of SRV records, e.g. `_mcp._tcp.search.internal`: they name hosts and ports, with priorities (all but the first stand by) and weights. Default: the addresses of the host in `url`.',
      ),
    ),
    family: Type.Optional(
      oneOf(['auto', 'ipv4', 'ipv6', 'all'], {
        default: 'auto',
        description: 'Which addresses are taken. `auto`: those of IPv4, or of IPv6 where there are none.',
      }),
    ),
    resolvers: Type.Optional(
      Type.Array(resolver('A DNS server: an IP address, with a port if it is not 53.'), {
        minItems: 1,
        maxItems: 8,
        description: "DNS servers to ask, the next one where one does not answer. Default: the system's.",
      }),
    ),
    min_ttl: Type.Optional(duration('It is never asked again sooner than this.', limits.dnsMinTtlMs)),
    max_ttl: Type.Optional(duration('Nor later.', limits.dnsMaxTtlMs)),
    empty_after: Type.Optional(
      duration(
        'For how long the answer must have been that there is no address until the last ones are given up.',
        limits.dnsEmptyAfterMs,
      ),
    ),
  },
  {
    additionalProperties: false,
    description:
      'Each address that DNS knows of the host in `url` is an instance, and is looked up again when its TTL is over. `{}` for the defaults.',
  },
);
