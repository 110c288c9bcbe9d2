import { ApiError } from './apiError.js';
import { callFields, type CallField } from './callField.js';

/** A field that calls can be found and grouped by, by its name. @param asked the parameter that names it @throws ApiError `ERR_INVALID_REQUEST` */
export const toCallField = (name: string | null, asked: 'by' | 'without' = 'by'): CallField => {
  const field = callFields.find((each) => each === name);
  if (field !== undefined) return field;
  throw new ApiError('ERR_INVALID_REQUEST', `\`${asked}\` is one of ${callFields.join(', ')}`);
};
