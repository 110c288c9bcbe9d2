/** Files of a policy, by paths relative to where it was found. */
export type PolicyFiles = ReadonlyMap<string, Buffer>;
