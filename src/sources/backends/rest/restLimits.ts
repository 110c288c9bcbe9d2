/** Every bound of the REST backend, next to each other. Bytes, counts and levels; what happens beyond stands at each. */
export const restLimits = {
  /** A whole answer, or the joined parts of a streamed one. Beyond: an `isError` result; a stream with progress is cut. */
  responseBytes: 16 * 1024 * 1024,
  /** One row or event of a streamed answer. Beyond: an `isError` result. */
  partBytes: 4 * 1024 * 1024,
  /** Milliseconds of each round of the event loop for telling the parts of streamed answers. Beyond: the next round. */
  partsMs: 4,
  /** How much of an error answer is read. Beyond: the connection is closed and what is there is used. */
  errorBodyBytes: 16 * 1024,
  /** How much of its message the client is shown. */
  errorTextLength: 2048,
  /** Levels of a JSON answer given as `structuredContent`; writing a deeper one could overflow the stack. Beyond: text only. */
  structuredDepth: 64,
  /** Redirects followed, of one GET, within its origin. */
  redirects: 3,
  /** An OpenAPI document. Beyond: it is refused. */
  documentBytes: 10 * 1024 * 1024,
  /** Operations of a document. Beyond: the rest is left out with a warning. */
  operations: 2000,
  /** Levels of objects and lists in one schema: fewer than argumentCheck takes. Beyond: its operation is left out. */
  schemaDepth: 60,
  /** Levels of schemas in all definitions of a tool together. Compilers go down every reference: at 700, ajv's stack is full. */
  schemaLevels: 300,
  /** Nodes of one schema, what it refers to not included. Beyond: its operation is left out. */
  schemaNodes: 10_000,
  /** Nodes of one tool's input schema, `$defs` included (about 20 bytes each). Beyond: further definitions allow anything. */
  inputNodes: 2000,
  /** The same of its output schema. */
  outputNodes: 500,
  /** Warnings kept of one document. Beyond: they are counted. */
  warnings: 100,
} as const;
