/** What a call costs in front of a server with few tools and with many; the one that is called is the first. */
import { measureCompared } from './compared.mjs';
import { startBackend } from './targets.mjs';

/** @returns figures for each number of tools, medians of the rounds */
export const measureTools = async (plan) => {
  const configurations = {};
  for (const count of plan.toolCounts)
    configurations[`${count} ${count === 1 ? 'tool' : 'tools'}`] = {
      more: '',
      backend: await startBackend(count),
    };
  return measureCompared(plan, configurations);
};
