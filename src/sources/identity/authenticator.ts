import type { Credential } from '../../protocol/identity/credential.js';
import type { ResourceUrl } from '../../protocol/identity/resourceUrl.js';
import type { Principal } from '../../streams/exchange.js';
import type { Caller } from '../../streams/identify.js';
import type { Prompt } from '../../streams/sessions.js';

/** A request whose sender is to be found out. */
export interface Request {
  readonly caller: Caller;
  readonly credential: Credential | undefined;
  readonly route: ResourceUrl & { readonly origin: string };
}

/** One way to say who one is. Gives undefined for a request that does not use it; throws or errors for one that fails to. */
export type Authenticator = (request: Request) => Prompt<Principal> | undefined;
