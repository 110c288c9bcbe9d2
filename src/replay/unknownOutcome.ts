/** The outcome of a call that nobody has recorded: all that can be said of its answer is whether it is an error. */
export const unknownOutcome = 'unknown';
