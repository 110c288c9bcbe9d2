import { PassThrough, Readable } from 'node:stream';
import { Subject } from 'rxjs';
import type { Terminal } from '../../src/cli/terminal.js';

export interface FakeTerminal extends Terminal {
  /** Presses Ctrl-C. */
  interrupt(): void;
  /** What has been written so far. */
  readonly out: string;
  readonly err: string;
}

/** A terminal that remembers what is written to it; no TTY unless told so. */
export const fakeTerminal = ({
  stdin = '',
  tty = false,
  columns = 100,
  cwd = process.cwd(),
  env = {},
}: {
  stdin?: string;
  tty?: boolean;
  columns?: number;
  cwd?: string;
  env?: Record<string, string>;
} = {}): FakeTerminal => {
  const interrupts = new Subject<NodeJS.Signals>();
  const written = { out: '', err: '' };
  const screen = (name: 'out' | 'err') => {
    const stream = new PassThrough();
    stream.on('data', (chunk: Buffer) => (written[name] += chunk.toString('utf8')));
    return Object.assign(stream, { isTTY: tty, columns });
  };
  return {
    stdin: Readable.from(stdin === '' ? [] : [Buffer.from(stdin)]),
    stdout: screen('out'),
    stderr: screen('err'),
    env,
    cwd,
    interrupts$: interrupts,
    interrupt: () => interrupts.next('SIGINT'),
    get out() {
      return written.out;
    },
    get err() {
      return written.err;
    },
  };
};
