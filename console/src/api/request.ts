import { ApiError } from './apiError.js';
import { me } from './me.js';

interface RequestOptions {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

/**
 * Asks the admin API and gives its JSON; `undefined` where it answers with nothing. Whoever is not signed in any more comes back to
 * the sign-in. Rejects with an {@link ApiError}.
 *
 * @param path below `/api/v1`, with its query
 */
export const request = async <T>(
  path: string,
  { method = 'GET', body, signal }: RequestOptions = {},
): Promise<T> => {
  let response: Response;
  try {
    response = await fetch(`api/v1${path}`, {
      method,
      credentials: 'same-origin',
      headers: {
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(method === 'GET' || me.value === undefined ? {} : { 'x-csrf-token': me.value.csrf }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (cause) {
    if (signal?.aborted === true) throw cause;
    throw new ApiError(0, 'ERR_UNREACHABLE', 'The gateway does not answer. Is it running?');
  }
  const text = await response.text();
  const answer = text === '' ? undefined : parse(text);
  if (response.ok) return answer as T;
  if (response.status === 401) me.value = undefined;
  const { error } = (answer ?? {}) as { error?: { code?: string; message?: string } };
  throw new ApiError(
    response.status,
    error?.code ?? `HTTP ${response.status}`,
    error?.message ?? `The gateway answered with ${response.status} ${response.statusText}`,
    answer,
  );
};

/** What is no JSON comes from something between us and the gateway. */
const parse = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
};
