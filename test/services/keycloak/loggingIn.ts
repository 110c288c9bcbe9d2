import { randomUUID } from 'node:crypto';
import assert from 'node:assert/strict';
import type {
  OAuthClientMetadata,
  OAuthClientProvider,
  StoredOAuthClientInformation,
  StoredOAuthTokens,
} from '@modelcontextprotocol/client';
import { Browser } from './browser.js';
import type { Person } from './people.js';

const redirectUrl = 'http://127.0.0.1:33418/callback';

/** What an application brings to the login of the official SDKs, of either generation; a browser does the rest. */
export class LoggingIn implements OAuthClientProvider {
  readonly redirectUrl = redirectUrl;
  readonly clientMetadata: OAuthClientMetadata = {
    client_name: 'a test',
    redirect_uris: [redirectUrl],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
  };
  readonly browser: Browser;
  /** Where the SDK sent the browser, each time. */
  readonly authorizations: URL[] = [];
  /** The client that is used, given or registered. */
  client: StoredOAuthClientInformation | undefined;
  granted: StoredOAuthTokens | undefined;
  #verifier = '';
  #state = '';

  /** @param clientId of a client that is known to Keycloak; without one the SDK registers itself */
  constructor(person: Person, clientId?: string) {
    this.browser = new Browser(person);
    this.client = clientId === undefined ? undefined : { client_id: clientId };
  }

  state(): string {
    return (this.#state = randomUUID());
  }
  clientInformation(): StoredOAuthClientInformation | undefined {
    return this.client;
  }
  saveClientInformation(client: StoredOAuthClientInformation): void {
    this.client = client;
  }
  tokens(): StoredOAuthTokens | undefined {
    return this.granted;
  }
  saveTokens(tokens: StoredOAuthTokens): void {
    this.granted = tokens;
  }
  saveCodeVerifier(verifier: string): void {
    this.#verifier = verifier;
  }
  codeVerifier(): string {
    return this.#verifier;
  }
  redirectToAuthorization(url: URL): void {
    this.authorizations.push(url);
  }

  /** Lets the user log in where the SDK has sent the browser last; gives what comes back. */
  async finish(): Promise<URLSearchParams> {
    const url = this.authorizations.at(-1);
    assert.ok(url !== undefined, 'the SDK wanted no login');
    const { searchParams } = await this.browser.open(url, redirectUrl);
    assert.equal(searchParams.get('error'), null, searchParams.toString());
    assert.equal(searchParams.get('state'), this.#state);
    return searchParams;
  }
}
