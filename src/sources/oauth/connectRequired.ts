import { GatewayError } from '../../protocol/errors.js';

export interface ConnectRequiredOptions {
  /** Name of the server. */
  readonly server: string;
  /** The instance that the token is for; undefined for a server that names no resource. */
  readonly url: string | undefined;
  /** Where the grant is to be kept. */
  readonly key: string;
  /** Scopes that a call was refused for; undefined where there is no grant. */
  readonly wanted: readonly string[] | undefined;
}

/** Nobody but the caller can go on: it has to let the gateway use the server in its name. The call has not begun. */
export class ConnectRequired extends GatewayError {
  readonly asked: ConnectRequiredOptions;

  constructor(asked: ConnectRequiredOptions) {
    const { server, wanted } = asked;
    const why =
      wanted === undefined
        ? 'is used in the name of each caller, and this one has not agreed to it yet'
        : 'wants more of the caller than it has agreed to';
    super('ERR_UPSTREAM_UNAUTHORIZED', `The server "${server}" ${why}`, { notBegun: true });
    this.asked = asked;
  }
}
