import { ApiError } from './apiError.js';
import type { Route } from './route.js';

export interface FoundRoute {
  readonly route: Route;
  readonly at: Readonly<Record<string, string>>;
}

/** Finds the route of a request. */
export type FindRoute = (method: string, path: string) => FoundRoute;

/**
 * Makes a table of routes. Places are filled after the path has been taken apart: a name with an encoded slash stays one name.
 *
 * @returns throws ApiError `ERR_NOT_FOUND`, `ERR_METHOD_NOT_ALLOWED`
 */
export const findRoute = (routes: readonly Route[]): FindRoute => {
  const table = routes.map((route) => ({ route, parts: route.path.split('/').slice(1) }));
  return (method, path) => {
    const given = path.split('/').slice(1).map(decoded);
    const fitting = table.filter(
      ({ parts }) =>
        parts.length === given.length &&
        parts.every((part, index) => (isPlace(part) ? given[index] !== '' : part === given[index])),
    );
    // `/calls/groups` is no call named so.
    const best = fitting.sort((a, b) => places(a.parts) - places(b.parts));
    const exact = best.filter(({ parts }) => places(parts) === places(best[0]?.parts ?? []));
    const found = exact.find(({ route }) => route.method === method);
    if (found === undefined) {
      if (exact.length === 0) throw new ApiError('ERR_NOT_FOUND', 'The admin API has no such path');
      const allow = exact.map(({ route }) => route.method).join(', ');
      throw new ApiError('ERR_METHOD_NOT_ALLOWED', `Here goes: ${allow}`, { headers: { allow } });
    }
    const at = found.parts.flatMap((part, index) =>
      isPlace(part) ? [[part.slice(1, -1), given[index] ?? ''] as const] : [],
    );
    return { route: found.route, at: Object.fromEntries(at) };
  };
};

const isPlace = (part: string): boolean => part.startsWith('{');
const places = (parts: readonly string[]): number => parts.filter(isPlace).length;

const decoded = (part: string): string => {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new ApiError('ERR_INVALID_REQUEST', 'The path is not encoded as it should be');
  }
};
