import { mergeServers } from './inside/mergeServers.js';
import type { Insiders, ServerRow } from './questions.js';

/** The servers that somebody may see, as all processes see them together. */
export const serversFor = async (
  insiders: Insiders,
  tenant: string | undefined,
): Promise<readonly ServerRow[]> => mergeServers(await insiders.all('servers', { tenant }));
