import type { Observable } from 'rxjs';
import type { Caller } from '../../streams/caller.js';
import { CallerPool, type CallerPoolOptions } from '../backends/callerPool.js';
import type { Credentials } from './credentials.js';

/** Where a server's credentials come from: the gateway's own for all calls, or each caller's. */
export interface CredentialSource {
  /** The gateway's. */
  readonly own: Credentials;
  /** Makes a caller's; undefined where all calls go in the gateway's name. */
  readonly ofCaller: CallerPoolOptions<Credentials>['make'] | undefined;
  close(): void;
}

/** Credentials by call. */
export interface CallCredentials {
  /** Does something with those of a call; `caller` is undefined for one of the gateway's own. */
  use<T>(caller: Caller | undefined, work: (credentials: Credentials) => Observable<T>): Observable<T>;
  close(): void;
}

/** Picks the credentials of each call, and keeps those of a caller while it comes again. Closes the source with them. */
export const callCredentials = ({ own, ofCaller, close }: CredentialSource): CallCredentials => {
  const pool =
    ofCaller && new CallerPool({ make: ofCaller, close: (credentials: Credentials) => credentials.close() });
  return {
    use: (caller, work) => (caller === undefined || pool === undefined ? work(own) : pool.use(caller, work)),
    close() {
      for (const each of [own, ...(pool?.clear() ?? [])]) each.close();
      close();
    },
  };
};
