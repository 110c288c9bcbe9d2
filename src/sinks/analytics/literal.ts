/** A text of our own as SQL: where a statement takes no parameters. */
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;
