import { ApiError } from './apiError.js';

/** Whatever was thrown, as something that can be shown. */
export const asApiError = (error: unknown): ApiError =>
  error instanceof ApiError ? error : new ApiError(0, 'ERR_INTERNAL', String(error));
