import { useEffect, useState } from 'preact/hooks';
import type { ApiError } from './apiError.js';
import { asApiError } from './asApiError.js';
import { request } from './request.js';

/** What was asked of the API: on its way, here, or refused. While it is asked again, what was there stays. */
export interface Resource<T> {
  readonly data: T | undefined;
  readonly error: ApiError | undefined;
  readonly loading: boolean;
  reload(): void;
}

interface Held<T> {
  readonly path: string | undefined;
  readonly data?: T;
  readonly error?: ApiError;
  readonly loading: boolean;
}

/**
 * Reads a part of the API, and again when the path changes or `reload` is called; the answer to an older question is dropped.
 *
 * @param path undefined asks for nothing
 */
export const useResource = <T>(path: string | undefined): Resource<T> => {
  const [held, setHeld] = useState<Held<T>>({ path, loading: path !== undefined });
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    if (path === undefined) return;
    const controller = new AbortController();
    setHeld((before) => (before.path === path ? { ...before, loading: true } : { path, loading: true }));
    request<T>(path, { signal: controller.signal }).then(
      (data) => setHeld({ path, data, loading: false }),
      (error: unknown) => {
        if (controller.signal.aborted) return;
        setHeld({
          path,
          error: asApiError(error),
          loading: false,
        });
      },
    );
    return () => controller.abort();
  }, [path, turn]);
  const fits = held.path === path;
  return {
    data: fits ? held.data : undefined,
    error: fits ? held.error : undefined,
    loading: path !== undefined && (!fits || held.loading),
    reload: () => setTurn((last) => last + 1),
  };
};
