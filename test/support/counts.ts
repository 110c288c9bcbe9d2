/** What the gateway says it has open. */
export type Counts = Readonly<Record<'calls' | 'streams' | 'sessions', number>>;

/** Reads the counts from the admin listener's `/healthz`. */
export const counts = async (adminUrl: string): Promise<Counts> =>
  (await (await fetch(`${adminUrl}/healthz`)).json()) as Counts;
