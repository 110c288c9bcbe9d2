import type { IncomingMessage } from 'node:http';
import { refusal } from '../../protocol/errors.js';

/** Headers of which Node keeps the first and drops the others without a word; others that repeat it joins, and then they match nothing. */
const singular: ReadonlySet<string> = new Set(['authorization', 'content-type', 'host']);

/**
 * Refuses a request that has one of the headers we decide by twice: what stands in front of the gateway may have decided by the other
 * one (RFC 9112, 3.2 for `Host`).
 *
 * @throws GatewayError `ERR_INVALID_REQUEST` (400)
 */
export const refuseRepeated = ({ rawHeaders, headers }: IncomingMessage): void => {
  // Nearly always there is nothing that repeats, and this says so.
  if (rawHeaders.length === 2 * Object.keys(headers).length) return;
  const found = new Set<string>();
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]?.toLowerCase() ?? '';
    if (!singular.has(name)) continue;
    if (found.has(name))
      throw refusal('ERR_INVALID_REQUEST', `Invalid request: the header ${name} is there twice`);
    found.add(name);
  }
};
