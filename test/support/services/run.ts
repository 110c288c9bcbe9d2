import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const exec = promisify(execFile);

interface RunOptions {
  readonly cwd?: string;
  /** What it has in its environment besides. */
  readonly env?: Readonly<Record<string, string>>;
  /** What it reads from its standard input; default: nothing, and no end of it. */
  readonly input?: string;
  /** How long it may take, in milliseconds. */
  readonly ms: number;
}

/** Runs a program to its end and gives what it wrote; rejects, with the end of what it complained of, when it fails. */
export const run = async (
  program: string,
  args: readonly string[],
  { cwd, ms, env, input }: RunOptions,
): Promise<string> => {
  try {
    const running = exec(program, args, {
      cwd,
      timeout: ms,
      maxBuffer: 16 * 1024 ** 2,
      env: { ...process.env, LC_ALL: 'C', ...env },
    });
    // One that ends before it has read all says why by how it ends.
    if (input !== undefined) running.child.stdin?.on('error', () => undefined).end(input);
    return (await running).stdout;
  } catch (error) {
    const { stderr = '', stdout = '', message } = error as Error & { stderr?: string; stdout?: string };
    throw new Error(`${program} ${args[0] ?? ''} failed: ${(stderr || stdout || message).slice(-600)}`, {
      cause: error,
    });
  }
};
