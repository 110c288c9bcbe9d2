import { GatewayError } from '../protocol/errors.js';
import { CliError } from './cliError.js';

/**
 * Turns a failure of a command that talks to a gateway into words for whoever typed it.
 *
 * A gateway hides addresses and causes from its clients; here the reader is the client, so the address is named and the
 * cause shown. What is not a known failure is a bug and passes unchanged.
 */
export const explained = (error: unknown, url: string): unknown => {
  if (!(error instanceof GatewayError)) return error;
  switch (error.code) {
    case 'ERR_UPSTREAM_UNREACHABLE':
      return new CliError(`Nothing answers at ${url}${because(error)}`, {
        cause: error,
        remedy: ['Start the gateway with: sluice start -c gateway.yaml', 'or name another one with --url.'],
      });
    case 'ERR_UPSTREAM_TIMEOUT':
      return new CliError(`${url} took too long to answer${because(error)}`, { cause: error });
    default:
      return new CliError(`${error.message}${because(error)}`, {
        cause: error,
        remedy: [`Asked: ${url}. Is it the MCP endpoint of a gateway?`],
      });
  }
};

/** The innermost cause, which is the one that says something: `connect ECONNREFUSED 127.0.0.1:8080`. */
const because = (error: Error): string => {
  let cause: unknown = error.cause;
  // undici wraps several connect attempts in one AggregateError whose own message is empty.
  for (let depth = 0; depth < 5 && cause instanceof Error; depth++) {
    const inner: unknown = cause instanceof AggregateError ? cause.errors[0] : cause.cause;
    if (!(inner instanceof Error)) return cause.message === '' ? '' : ` (${cause.message})`;
    cause = inner;
  }
  return '';
};
