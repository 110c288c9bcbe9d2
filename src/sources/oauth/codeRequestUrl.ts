import { createHash } from 'node:crypto';

/** Where a browser is to come back to, and with what. */
export interface WayBack {
  readonly redirectUri: string;
  readonly state: string;
  /** Of PKCE; its hash is sent. */
  readonly verifier: string;
}

/** The URL at which a browser asks for a code (OAuth 2.1, 4.1.1), with PKCE by S256. @param more other parameters */
export const codeRequestUrl = (
  endpoint: URL,
  clientId: string,
  { redirectUri, state, verifier }: WayBack,
  more: Readonly<Record<string, string>>,
): URL => {
  const url = new URL(endpoint);
  const parameters = {
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUri,
    state,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...more,
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url;
};
