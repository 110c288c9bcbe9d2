import { hash } from 'node:crypto';
import { calculateJwkThumbprint, EmbeddedJWK, jwtVerify } from 'jose';
import { catchError, defer, from, map, switchMap, throwError, type Observable } from 'rxjs';
import type { Counters } from '../../streams/counters.js';
import { prompted } from '../../streams/prompted.js';
import { limits } from '../../config/limits.js';
import { notAccepted } from './notAccepted.js';
import { notKnowable } from './notKnowable.js';

/** What a proof has to prove. */
export interface Proven {
  readonly token: string;
  /** The thumbprint of the key that the token is bound to. */
  readonly jkt: string;
  readonly method: string;
  /** Without query. */
  readonly url: string;
}

/** Asymmetric algorithms, the usual one first: what a challenge tells. */
export const proofAlgorithms = ['ES256', 'ES384', 'ES512', 'EdDSA', 'PS256', 'PS384', 'PS512', 'RS256'];

/**
 * Proofs of possession (RFC 9449): that whoever sends a token holds the key it was issued to.
 *
 * > Each proof is good once, and for a minute. Those seen are remembered for so long; when there are too many to remember, the next
 * > one is not accepted, for it might be one of those that were forgotten.
 */
export class Proofs {
  /** Hash of the key and its proof's id → when it may be forgotten, the oldest first. Epoch milliseconds. */
  readonly #seen = new Map<string, number>();
  readonly #counters: Counters;

  /** @param counters where others that share the gateway's work see that a proof was used */
  constructor(counters: Counters) {
    this.#counters = counters;
  }

  /** Completes with nothing for a good proof. Errors: `ERR_CREDENTIAL_INVALID`, `ERR_IDENTITY_UNAVAILABLE`. */
  check(proof: string, { token, jkt, method, url }: Proven): Observable<void> {
    return defer(() => from(verified(proof))).pipe(
      catchError(() => throwError(() => wrongProof('The proof of possession is not valid'))),
      switchMap(({ payload, jwk }) =>
        from(calculateJwkThumbprint(jwk)).pipe(
          map((thumbprint) => {
            const { htm, htu, iat = 0, ath, jti } = payload;
            const now = Date.now();
            if (thumbprint !== jkt)
              throw wrongProof('The proof is made with another key than the token is bound to');
            if (htm !== method || !isSameUrl(htu, url))
              throw wrongProof('The proof is made for another request');
            if (Math.abs(now - iat * 1000) > limits.proofWindowMs)
              throw wrongProof('The proof is too old, or of the future');
            if (ath !== hash('sha256', token, 'base64url'))
              throw wrongProof('The proof is made for another token');
            if (typeof jti !== 'string' || jti === '') throw wrongProof('The proof has no id');
            const id = hash('sha256', `${thumbprint} ${jti}`, 'base64url');
            this.#use(id, now);
            return id;
          }),
          switchMap((id) => prompted(this.#counters.take(`proof ${id}`, 1, onlyOnce))),
          map(({ allowed }) => {
            if (!allowed) throw wrongProof('The proof was used before');
          }),
        ),
      ),
    );
  }

  #use(id: string, now: number): void {
    for (const [old, until] of this.#seen) {
      if (until > now) break;
      this.#seen.delete(old);
    }
    if (this.#seen.has(id)) throw wrongProof('The proof was used before');
    if (this.#seen.size >= limits.maxProofs) throw notKnowable('too many proofs to remember');
    this.#seen.set(id, now + 2 * limits.proofWindowMs);
  }
}

/** Of as long as a proof could be accepted. */
const onlyOnce = { max: 1, windowMs: 2 * limits.proofWindowMs, kind: 'bucket' } as const;

const wrongProof = (why: string) => notAccepted(why, 'invalid_dpop_proof');

const verified = async (proof: string) => {
  const { payload, protectedHeader } = await jwtVerify(proof, EmbeddedJWK, {
    typ: 'dpop+jwt',
    algorithms: proofAlgorithms,
  });
  const { jwk } = protectedHeader;
  if (jwk === undefined) throw new Error('no key');
  return { payload, jwk };
};

const isSameUrl = (written: unknown, url: string): boolean => {
  if (typeof written !== 'string' || !URL.canParse(written)) return false;
  const { origin, pathname } = new URL(written);
  return origin + pathname === new URL(url).href;
};
