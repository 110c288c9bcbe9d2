import { AsyncSubject, concat, forkJoin, from, of, switchMap, type Observable } from 'rxjs';
import type { Params } from '../protocol/jsonrpc.js';
import type { Answer, Reply } from './reply.js';

/** What is to be asked, by the key under which its answer is handed back. */
type Questions = readonly (readonly [
  key: string,
  question: { readonly method: string; readonly params: Params },
])[];

/**
 * Asks the client, and goes on when all has been answered.
 *
 * ```
 * gatherAnswers   --ask--ask-----------------r|
 * answers         ----------a1-----a2-(next)--r|
 * ```
 *
 * A response has no place for an error: the client's own refusal is the reply then, and nothing goes on.
 *
 * @param next what follows, given the results by key
 */
export const gatherAnswers = (
  questions: Questions,
  next: (inputResponses: Params) => Observable<Reply>,
): Observable<Reply> => {
  const asked = questions.map(([key, { method, params }]) => {
    const given = new AsyncSubject<readonly [string, Answer]>();
    const answer = (value: Answer): void => {
      given.next([key, value]);
      given.complete();
    };
    return { given, ask: { kind: 'ask', method, params, answer } satisfies Reply };
  });
  const after$ = forkJoin(asked.map(({ given }) => given)).pipe(
    switchMap((answers) => {
      const refused = answers.find(([, answer]) => 'error' in answer)?.[1];
      if (refused !== undefined && 'error' in refused)
        return of<Reply>({ kind: 'error', error: refused.error });
      return next(
        Object.fromEntries(
          answers.flatMap(([key, answer]) => ('result' in answer ? [[key, answer.result]] : [])),
        ),
      );
    }),
  );
  return concat(from(asked.map(({ ask }) => ask)), after$);
};
