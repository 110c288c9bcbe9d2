/** Starts so many processes, one after the other. @param {(n: number) => Promise<object>} start */
export const several = async (count, start) => {
  const processes = [];
  while (processes.length < count) processes.push(await start(processes.length));
  return processes;
};
