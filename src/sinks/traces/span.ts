import type { RemoteSpan } from '../../protocol/traceParent.js';

/** A span that has ended, as it is exported. */
export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId: string | undefined;
  /** Whether its parent is somebody else's. */
  readonly isEntry: boolean;
  readonly state: string | undefined;
  readonly kind: 'server' | 'client' | 'internal';
  readonly name: string;
  /** Epoch milliseconds. */
  readonly start: number;
  readonly end: number;
  readonly attributes: Readonly<Record<string, string | number | undefined>>;
  /** What went wrong; undefined where nothing did. */
  readonly failure: string | undefined;
  /** What it is related to without being part of it. */
  readonly beside: RemoteSpan | undefined;
}
