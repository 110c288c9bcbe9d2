import { catchError, map, of, timeout } from 'rxjs';
import { limits } from '../../config/limits.js';
import { nowhere, type AnswerStore } from '../../streams/answers.js';
import type { BookLink } from './bookLink.js';

/** Remembered answers of all workers: they are in the book (see {@link WorkerBook}). While that does not answer, nothing is remembered. */
export const workerAnswers = (link: BookLink): AnswerStore => ({
  find: (keys, tags) =>
    link.ask({ ask: 'answer', keys, tags }).pipe(
      timeout({ first: limits.cacheWaitMs }),
      map(({ answer = nowhere }) => answer),
      catchError(() => of(nowhere)),
    ),
  keep: (key, tags, answer, found) => link.tell({ ask: 'keepAnswer', key, tags, answer, found }),
  forget: (tags) => link.tell({ ask: 'forgetAnswers', tags }),
  held: { answers: 0, bytes: 0, pushedOut: 0 },
  close: () => undefined,
});
