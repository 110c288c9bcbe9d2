import { first, map, type Observable } from 'rxjs';
import { alwaysOpen } from '../../../streams/valve.js';
import { challenges, type Challenge } from '../../oauth/challenges.js';
import type { HttpLink } from './httpLink.js';

/**
 * What a server asks for when somebody without credentials wants to see its tools.
 *
 * @param link without credentials of its own
 * @returns one; undefined when it does not ask for a bearer token. Errors: those of the connection
 */
export const probeChallenge = (link: HttpLink): Observable<Challenge | undefined> =>
  link
    .post([], JSON.stringify({ jsonrpc: '2.0', id: link.nextId(), method: 'tools/list' }), {
      valve: alwaysOpen,
    })
    .pipe(
      first((part) => part.kind === 'head'),
      map(({ status, headers }) =>
        status === 401
          ? challenges(headers['www-authenticate']).find(({ scheme }) => scheme === 'bearer')
          : undefined,
      ),
    );
