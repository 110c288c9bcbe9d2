/** Tokens are estimated, for no model says how it cuts: so many bytes of JSON make about one. */
export const bytesPerToken = 4;

/** The tokens of a value as JSON, estimated. */
export const estimatedTokens = (value: unknown): number =>
  value === undefined ? 0 : Math.ceil(Buffer.byteLength(JSON.stringify(value)) / bytesPerToken);
