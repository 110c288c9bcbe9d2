/** Process groups of children that may still live. */
const groups = new Set<number>();
let watching = false;

const killGroup = (pid: number, signal: NodeJS.Signals): void => {
  try {
    // The whole group: `npx` and shells start the server as a child of their own.
    process.kill(process.platform === 'win32' ? pid : -pid, signal);
  } catch {
    // Nobody is left in it.
  }
};

const killAll = (): void => {
  for (const pid of groups) killGroup(pid, 'SIGKILL');
};

/**
 * The children's process groups. Whatever ends the gateway's process in an orderly way, an uncaught error included, takes
 * them along; a gateway that is killed leaves them an ended stdin.
 */
export const processGroups = {
  add(pid: number): void {
    groups.add(pid);
    if (watching) return;
    watching = true;
    process.on('exit', killAll);
  },
  signal: killGroup,
  /** Kills what is left of a group whose leader has ended, and forgets it. */
  clear(pid: number): void {
    if (groups.delete(pid)) killGroup(pid, 'SIGKILL');
  },
};
