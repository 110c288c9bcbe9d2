/** Stands for a value that is to be no more. */
export const dropped = Symbol('dropped');
