import type { Observable } from 'rxjs';

/** What a stream brings in the frame in which it is subscribed, to its end; its error is thrown. */
export const collectReplies = <T>(stream$: Observable<T>): readonly T[] => {
  const seen: T[] = [];
  let failure: { readonly error: unknown } | undefined;
  stream$.subscribe({ next: (value) => seen.push(value), error: (error: unknown) => (failure = { error }) });
  if (failure !== undefined) throw failure.error as Error;
  return seen;
};
