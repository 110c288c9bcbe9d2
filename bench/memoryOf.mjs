/** Arguments of a Node process whose memory is asked for. */
export const probing = ['--expose-gc', '--import', new URL('memoryProbe.mjs', import.meta.url).href];

/**
 * The memory of a process after a collection, in bytes.
 *
 * @param {import('node:child_process').ChildProcess} child started with `probing`
 * @returns {Promise<{ heap: number, all: number, rss: number }>} `all`: heap and buffers
 */
export const memoryOf = (child) =>
  new Promise((resolve, reject) => {
    const lost = () => reject(new Error('a measured process ended'));
    const answered = ({ probe }) => {
      child.off('exit', lost);
      resolve({ heap: probe.heapUsed, all: probe.heapUsed + probe.external, rss: probe.rss });
    };
    child.once('exit', lost);
    child.once('message', answered);
    child.send('measure');
  });
