import { Resolver, type RecordWithTtl, type SrvRecord } from 'node:dns';
import { Observable } from 'rxjs';
import { limits } from '../../config/limits.js';

/** Asks DNS. Cold; errors are those of Node's resolver, with its codes. Unsubscribing forgets the question. */
export interface DnsResolver {
  ipv4(name: string): Observable<readonly RecordWithTtl[]>;
  ipv6(name: string): Observable<readonly RecordWithTtl[]>;
  srv(name: string): Observable<readonly SrvRecord[]>;
  /** Gives up all questions. */
  cancel(): void;
}

type Callback<T> = (error: Error | null, records: readonly T[]) => void;

/**
 * A resolver with connections of its own. It knows nothing of the system's hosts file, and takes names as they are written: no search
 * domain is put behind them.
 *
 * @param servers who is asked, in this order; none for those of the system
 */
export const dnsResolver = (servers: readonly string[]): DnsResolver => {
  const resolver = new Resolver({ timeout: limits.dnsTimeoutMs, tries: limits.dnsTries });
  if (servers.length > 0) resolver.setServers(servers);
  const query = <T>(ask: (done: Callback<T>) => void): Observable<readonly T[]> =>
    new Observable((subscriber) => {
      ask((error, records) => {
        if (error !== null) return subscriber.error(error);
        subscriber.next(records);
        subscriber.complete();
      });
    });
  return {
    ipv4: (name) => query((done) => resolver.resolve4(name, { ttl: true }, done)),
    ipv6: (name) => query((done) => resolver.resolve6(name, { ttl: true }, done)),
    srv: (name) => query((done) => resolver.resolveSrv(name, done)),
    cancel: () => resolver.cancel(),
  };
};
