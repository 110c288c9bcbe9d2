import { createHash, randomUUID } from 'node:crypto';

import type { SigningKey } from './startIssuer.js';

/** The client that the gateway is at a login, in tests. */
export const loginClient = { id: 'sluice-pages', secret: 'secret of the pages' } as const;

interface Login {
  readonly person: string;
  readonly query: URLSearchParams;
}

/** OpenID Connect as far as an issuer in tests needs it: whoever comes is logged in already, as the cookie `person` says. */
export interface Logins {
  /** Where the browser goes from the authorization endpoint. */
  authorize(query: URLSearchParams, cookie: string): URL;
  /** Claims of the ID token for a code, once; undefined for one that is refused. */
  redeem(body: URLSearchParams, authorization: string): Readonly<Record<string, unknown>> | undefined;
  /** Changes what the browser brings back; null leaves an entry out. */
  callback: Readonly<Record<string, string | null>>;
  /** Changes ID tokens; undefined leaves a claim out. */
  claims: Readonly<Record<string, unknown>>;
  /** Signs ID tokens in place of the issuer's. */
  key: SigningKey | undefined;
}

export const logins = (issuer: () => string): Logins => {
  const codes = new Map<string, Login>();
  const all: Logins = {
    callback: {},
    claims: {},
    key: undefined,
    authorize(query, cookie) {
      const [, person = 'nobody'] = /person=(\w+)/.exec(cookie) ?? [];
      const code = randomUUID();
      codes.set(code, { person, query });
      const back = new URL(query.get('redirect_uri') ?? '');
      const answer = { code, state: query.get('state'), iss: issuer(), ...all.callback };
      for (const [name, value] of Object.entries(answer))
        if (value !== null) back.searchParams.set(name, value);
      return back;
    },
    redeem(body, authorization) {
      const { id, secret } = loginClient;
      const proof = `Basic ${Buffer.from(`${id}:${encodeURIComponent(secret)}`).toString('base64')}`;
      const code = body.get('code') ?? '';
      const login = codes.get(code);
      codes.delete(code);
      const challenge = createHash('sha256')
        .update(body.get('code_verifier') ?? '')
        .digest('base64url');
      if (
        authorization !== proof ||
        login?.query.get('code_challenge') !== challenge ||
        login.query.get('redirect_uri') !== body.get('redirect_uri')
      )
        return undefined;
      return { sub: login.person, nonce: login.query.get('nonce'), client_id: undefined, ...all.claims };
    },
  };
  return all;
};
