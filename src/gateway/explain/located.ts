import type { Explanation } from '../../protocol/explain/explanation.js';

/** Finds where in the configuration's file something stands, by its JSON Pointer; of what is not written where its parent is. */
export type PlaceOf = (pointer: string) => { readonly file: string; readonly line: number } | undefined;

/** An explanation with the lines that are responsible. */
export const located = (explanation: Explanation, placeOf: PlaceOf): Explanation => ({
  ...explanation,
  steps: explanation.steps.map((step) =>
    step.configuration === undefined
      ? step
      : { ...step, configuration: { ...step.configuration, ...placeOf(step.configuration.pointer) } },
  ),
});
