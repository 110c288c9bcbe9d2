/**
 * Where a call says how much time is left for it, in whole milliseconds. A remainder and no point in time: clocks differ.
 *
 * `header` of an HTTP request (a decimal number) and `meta`, a key of `params._meta` (a number). Both hold for one hop, and are
 * written anew for the next.
 */
export const remaining = { header: 'sluice-remaining-ms', meta: 'io.sluice/remainingMs' } as const;
