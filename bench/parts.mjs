/** What a run consists of: what each part measures, and how it is shown. */
import { tsImport } from 'tsx/esm/api';
import { measureCalls, workloadNames } from './calls.mjs';
import { catalogueTable, measureCatalogue } from './catalogue.mjs';
import { comparedTable } from './compared.mjs';
import { halfLoadTable, measureHalfLoad } from './halfLoad.mjs';
import { delayTable, measureDelays } from './delays.mjs';
import { measureObservability } from './observability.mjs';
import { measureProtection } from './protection.mjs';
import { table } from './report.mjs';
import { measureSoak, soakTable } from './soak.mjs';
import { measureStartUp, startUpTable } from './startUp.mjs';
import { measureStreams, streamTable } from './streams.mjs';
import { startBackend } from './targets.mjs';
import { measureTools } from './tools.mjs';
import { measureVisible, visibleTable } from './visible.mjs';
import { measureWorkers, workersTable } from './workers.mjs';

/** The program that compiles policies, built once; undefined where it can't be had. */
const opaProgram = async () => {
  const { opaProgram: built } = await tsImport('../test/support/services/opaProgram.ts', import.meta.url);
  try {
    return await built();
  } catch (error) {
    console.error(`NO POLICY in full-chain and protection: ${error.message}`);
    return undefined;
  }
};

/**
 * Name → part. `measure` gives what goes into the JSON under that name, `show` the text of it. What `isLong` has to be asked for by its
 * name in a short run, and what `isApart` in every run.
 *
 * @type {Record<string, { isLong?: boolean, isApart?: boolean, measure(plan: object, names: string[]): Promise<object>, show(data: object, plan: object): string }>}
 */
export const parts = {
  calls: {
    measure: async (plan, names) =>
      measureCalls(plan, names, names.includes('full-chain') ? await opaProgram() : undefined),
    show: ({ rows, remarks }) => [table(rows), '', ...remarks].join('\n'),
  },
  'half-load': {
    measure: async (plan) => measureHalfLoad(plan, await opaProgram()),
    show: halfLoadTable,
  },
  protection: {
    isLong: true,
    measure: async (plan) => measureProtection(plan, { opa: await opaProgram() }),
    show: (cells) => comparedTable('protection', cells),
  },
  observability: {
    isLong: true,
    measure: measureObservability,
    show: (cells) => comparedTable('what is told', cells),
  },
  tools: { measure: measureTools, show: (cells) => comparedTable('in front of', cells) },
  delays: { measure: measureDelays, show: delayTable },
  visible: { measure: measureVisible, show: visibleTable },
  'start-up': { measure: measureStartUp, show: startUpTable },
  catalogue: { measure: async (plan) => measureCatalogue(plan), show: catalogueTable },
  streams: {
    measure: async ({ streams: count }) => measureStreams((await startBackend()).port, { count }),
    show: streamTable,
  },
  soak: { isApart: true, measure: async (plan) => measureSoak(plan, await opaProgram()), show: soakTable },
  workers: { isLong: true, measure: measureWorkers, show: workersTable },
};

/**
 * What is wanted of all that: names of parts and of workloads, which are the part `calls`.
 *
 * @param {{ only?: string, short: boolean }} flags `only`: names with commas between them; everything by default
 * @returns {{ parts: string[], workloads: string[] }}
 */
export const chosen = ({ only, short }) => {
  const names =
    only?.split(',') ??
    Object.keys(parts).filter((name) => !parts[name].isApart && !(short && parts[name].isLong));
  const unknown = names.filter((name) => parts[name] === undefined && !workloadNames.includes(name));
  if (unknown.length > 0)
    throw new Error(
      `There is no ${unknown.join(', no ')}; there are ${[...Object.keys(parts), ...workloadNames].join(', ')}.`,
    );
  const workloads = names.includes('calls')
    ? workloadNames
    : workloadNames.filter((name) => names.includes(name));
  return {
    parts: Object.keys(parts).filter(
      (name) => names.includes(name) || (name === 'calls' && workloads.length > 0),
    ),
    workloads,
  };
};
