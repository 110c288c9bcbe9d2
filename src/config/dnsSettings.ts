/** Where the addresses of a server come from when they are looked up in DNS, as the program sees it; see settings.ts. */
export interface DnsSettings {
  /** Name of SRV records; undefined for the addresses of the URL's host. */
  readonly srv?: string;
  /** Which addresses are taken. `auto`: those of IPv4, or those of IPv6 where there are none. */
  readonly family: 'auto' | 'ipv4' | 'ipv6' | 'all';
  /** Who is asked, the next one where one does not answer: `address` or `address:port`. Empty for those of the system. */
  readonly resolvers: readonly string[];
  /** An answer is asked for again when its records' TTL is over, in milliseconds within these bounds. */
  readonly minTtlMs: number;
  readonly maxTtlMs: number;
  /** For how long the answer must have been that there is nothing until that is believed, in milliseconds. */
  readonly emptyAfterMs: number;
}
