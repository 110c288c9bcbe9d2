import { map, merge, type Observable } from 'rxjs';
import { answerTags } from './answerTags.js';
import type { Catalog } from './catalog.js';
import type { Latest } from './latest.js';
import type { Instances } from './serverState.js';
import { whileListed } from './whileListed.js';

/**
 * What is not to be remembered any longer, as tags: servers say that a list has changed, and then nothing they have answered is sure any
 * more, or name the resource that has.
 *
 * ```
 * server a      ---(list changed)---(x changed)---
 * staleAnswers  ---(all of a)-------(x of a)------
 * ```
 */
export const staleAnswers = (catalog: Latest<Catalog>): Observable<readonly string[]> =>
  catalog.changes$.pipe(
    map(({ servers }) => servers.map(({ instances }) => instances)),
    whileListed(ofServer),
  );

const ofServer = ({ server, changes$ }: Instances): Observable<readonly string[]> =>
  changes$.pipe(
    whileListed(({ backend }) =>
      merge(
        backend.changed$.pipe(map(() => answerTags.all(server))),
        backend.updated$.pipe(map((uri) => answerTags.changed(server, uri))),
      ),
    ),
  );
