/** An argument as text: a string is itself, a number its digits, a list or an object its JSON. */
export const scalar = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
