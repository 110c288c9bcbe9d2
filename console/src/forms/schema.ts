/** A JSON Schema as a tool gives it: anything may be in it. */
export type Schema = Readonly<Record<string, unknown>>;
