import type { Readable, Writable } from 'node:stream';
import pico from 'picocolors';
import { fromEvent, map, merge, type Observable } from 'rxjs';

/** A stream that may be a screen. */
export type Screen = Writable & { readonly isTTY?: boolean; readonly columns?: number };

/** Everything a command touches of the process it runs in: tests put their own in its place. */
export interface Terminal {
  readonly stdin: Readable;
  readonly stdout: Screen;
  readonly stderr: Screen;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Emits each SIGINT and SIGTERM. The handlers are in place only while somebody is subscribed. */
  readonly interrupts$: Observable<NodeJS.Signals>;
}

const signal = (name: NodeJS.Signals): Observable<NodeJS.Signals> =>
  fromEvent(process, name).pipe(map(() => name));

/** The real terminal. */
export const processTerminal = (): Terminal => ({
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  cwd: process.cwd(),
  interrupts$: merge(signal('SIGINT'), signal('SIGTERM')),
});

/** Colours for a screen: none when it is no TTY or `NO_COLOR` is set. */
export const coloursOf = (screen: Screen, env: Terminal['env']): ReturnType<typeof pico.createColors> =>
  pico.createColors(screen.isTTY === true && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb');

export { ownVersion as version } from '../gateway/ownVersion.js';
