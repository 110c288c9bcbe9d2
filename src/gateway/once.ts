/** Does something when it is first asked for, and never again. */
export const once = <T>(work: () => T): (() => T) => {
  let done: { readonly value: T } | undefined;
  return () => (done ??= { value: work() }).value;
};
