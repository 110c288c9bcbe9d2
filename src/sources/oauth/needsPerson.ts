import { GatewayError } from '../../protocol/errors.js';

/** Nothing but a person can go on: the gateway holds no token that the server takes, and must not ask for one by itself. */
export class NeedsPerson extends GatewayError {
  /** The scopes to ask for, where more are wanted than were granted. */
  readonly wanted: readonly string[] | undefined;

  constructor(server: string, wanted?: readonly string[]) {
    const why = wanted === undefined ? 'has to be authorized' : 'wants more scopes than were granted';
    super('ERR_UPSTREAM_UNAUTHORIZED', `The server "${server}" ${why}: run \`sluice authorize ${server}\``);
    this.wanted = wanted;
  }
}
