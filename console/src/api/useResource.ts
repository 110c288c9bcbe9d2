import { useEffect, useState } from 'preact/hooks';
import type { ApiError } from './apiError.js';
import { asApiError } from './asApiError.js';
import { request } from './request.js';

/** What was asked of the API: on its way, here, or refused. While something else is asked, what was there stays. */
export interface Resource<T> {
  readonly data: T | undefined;
  readonly error: ApiError | undefined;
  readonly loading: boolean;
  reload(): void;
}

interface Held<T> {
  readonly data?: T;
  readonly error?: ApiError;
  readonly loading: boolean;
}

/**
 * Reads a part of the API, and again when the path changes or `reload` is called; the answer to an older question is dropped. Until the
 * new one is here the old stays, so that nothing jumps; whoever shows something else altogether takes a `key`.
 */
export const useResource = <T>(path: string): Resource<T> => {
  const [held, setHeld] = useState<Held<T>>({ loading: true });
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const controller = new AbortController();
    setHeld((before) => ({ ...before, loading: true }));
    request<T>(path, { signal: controller.signal }).then(
      (data) => setHeld({ data, loading: false }),
      (error: unknown) => {
        if (!controller.signal.aborted) setHeld({ error: asApiError(error), loading: false });
      },
    );
    return () => controller.abort();
  }, [path, turn]);
  return {
    data: held.data,
    error: held.error,
    loading: held.loading,
    reload: () => setTurn((last) => last + 1),
  };
};
