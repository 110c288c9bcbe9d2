import type { BackendCall } from '../../streams/backend.js';

/** What a call adds to the headers of its request: the trace it is part of, and over it what a policy says. */
export const addedHeaders = ({
  context,
  headers,
}: Pick<BackendCall, 'context' | 'headers'>): BackendCall['headers'] =>
  context === undefined ? headers : { ...context, ...headers };
