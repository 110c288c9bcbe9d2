import { ApiError } from './apiError.js';
import { callFields, type CallField } from './callField.js';

/** A field that calls can be found and grouped by, by its name. @throws ApiError `ERR_INVALID_REQUEST` */
export const toCallField = (name: string | null): CallField => {
  const field = callFields.find((each) => each === name);
  if (field !== undefined) return field;
  throw new ApiError('ERR_INVALID_REQUEST', `\`by\` is one of ${callFields.join(', ')}`);
};
