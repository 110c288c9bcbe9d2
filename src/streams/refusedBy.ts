import type { Exchange } from './exchange.js';

/** The stage that refused a call or in which it failed: the last one it entered. Undefined for one that was answered. */
export const refusedBy = ({ notes }: Exchange): string | undefined =>
  notes.error === undefined ? undefined : notes.marks.last;
