import { refusal } from '../protocol/errors.js';
import type { Resolved } from '../streams/exchange.js';
import { stage } from '../streams/stage.js';

/**
 * Lets a tool call through only if its arguments fit the tool's input schema.
 *
 * > A wrong call costs the backend nothing, and the model is told each wrong field so that it can mend them (SEP-1303).
 *
 * ```
 * calls              --a-----b--|
 * validateArguments  --a-----#        b lacks a required field: ERR_ARGUMENTS_INVALID, answered as a result with isError
 * ```
 */
export const validateArguments = () =>
  stage<Resolved, unknown>((exchange) => {
    const { validate, params } = exchange.target;
    if (validate === undefined) return exchange;
    const problems = validate(params['arguments'] ?? noArguments);
    if (problems.length === 0) return exchange;
    throw refusal('ERR_ARGUMENTS_INVALID', `Invalid arguments: ${problems.join('; ')}`);
  });

const noArguments = Object.freeze({});
