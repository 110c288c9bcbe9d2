/**
 * Loaded into a process that is measured (`--expose-gc --import`): answers each message with its memory after a collection, in bytes.
 * Twice, with a pause between: what the first one ends (sockets, finalizers) the second one frees.
 */
process.on('message', () => {
  globalThis.gc();
  setTimeout(() => {
    globalThis.gc();
    process.send({ probe: process.memoryUsage() });
  }, 100);
});
// It measures the process, it does not keep it alive.
process.channel?.unref();
