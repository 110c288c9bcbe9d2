import { catchError, of, type Observable } from 'rxjs';

/** One address of a server, as DNS knows it. */
export interface DnsAddress {
  readonly host: string;
  readonly port: number;
  /** The lowest ones are used, the others stand by. */
  readonly priority: number;
  readonly weight: number;
}

/** Why there is none. */
export interface NoAddress {
  /**
   * `empty`: the name does not exist or has no such records; whoever is in charge of it says so. `failed`: nobody could say.
   */
  readonly kind: 'empty' | 'failed';
  /** As Node's resolver has it: `ENOTFOUND`, `ETIMEOUT`, …. */
  readonly code: string;
}

/** What one round of questions has led to. */
export type DnsAnswer =
  { readonly kind: 'found'; readonly addresses: readonly DnsAddress[]; readonly ttlMs: number } | NoAddress;

/** NXDOMAIN, and an answer without records. */
const emptyCodes = new Set(['ENOTFOUND', 'ENODATA']);

/** Makes an answer of an error of Node's resolver. */
export const caught = <A>(answer$: Observable<A>): Observable<A | NoAddress> =>
  answer$.pipe(
    catchError((error: unknown) => {
      const { code = 'EUNKNOWN' } = error as NodeJS.ErrnoException;
      return of<NoAddress>({ kind: emptyCodes.has(code) ? 'empty' : 'failed', code });
    }),
  );
