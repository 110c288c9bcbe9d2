/**
 * Preloaded into every process of the quickstart: when the one that started it is gone, however it went, this one goes too.
 * A process whose parent was killed with SIGKILL is told by nothing but the closing of its channel.
 */
process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
// Listening must not keep a process alive that has nothing else to do.
process.channel?.unref();
