/** A span of somebody else's. */
export interface RemoteSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly isSampled: boolean;
}

/** What a `traceparent` says that is known to be well-formed (W3C Trace Context 3.2). */
export const traceParent = (text: string): RemoteSpan => ({
  traceId: text.slice(3, 35),
  spanId: text.slice(36, 52),
  isSampled: (parseInt(text.slice(53, 55), 16) & 1) === 1,
});
