import { ApiError } from './apiError.js';

/** Most rows of one answer. */
const maxLimit = 1000;

/** How many rows a query wants at most. @throws ApiError `ERR_INVALID_REQUEST` */
export const limitOf = (query: URLSearchParams, byDefault: number): number => {
  const text = query.get('limit');
  if (text === null || text === '') return byDefault;
  const limit = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
  if (!(limit >= 1)) throw new ApiError('ERR_INVALID_REQUEST', '`limit` is a number from 1 to 1000');
  return Math.min(limit, maxLimit);
};
