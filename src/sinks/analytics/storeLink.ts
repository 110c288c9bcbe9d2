import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { FromStore, StoreOptions, ToStore } from './storeMessages.js';

export interface StoreLinkOptions {
  readonly store: StoreOptions;
  readonly onMessage: (message: FromStore) => void;
  /** Told when the process has ended without being asked to; it is started anew. */
  readonly onLost: () => void;
}

/** Waits before a process that has ended is started anew, in milliseconds. */
const firstPauseMs = 250;
const longestPauseMs = 30_000;
/** What a process that was told to end may take for it, in milliseconds. */
const endingMs = 5000;
/** All that the process needs of the environment: what else is there may be secret. */
const needed = ['HOME', 'PATH', 'TMPDIR', 'NODE_V8_COVERAGE'];

/** Keeps the process that has the database (storeProcess.ts) running. */
export class StoreLink {
  readonly #options: StoreLinkOptions;
  #child: ChildProcess | undefined;
  #timer: NodeJS.Timeout | undefined;
  #pauseMs = firstPauseMs;
  #isClosing = false;
  restarts = 0;

  constructor(options: StoreLinkOptions) {
    this.#options = options;
    this.#start();
  }

  /** Tells the process something; nothing happens while there is none. */
  tell(message: ToStore): void {
    // What can't be sent any more is noticed by the end of the process.
    if (this.#child?.connected === true) this.#child.send(message, () => undefined);
  }

  /** Ends the process at once: it is started anew. */
  kill(): void {
    this.#child?.kill('SIGKILL');
  }

  /** Things work: a process that ends is started anew soon. */
  proven(): void {
    this.#pauseMs = firstPauseMs;
  }

  /** Lets the process end; resolves when it has. */
  close(): Promise<void> {
    this.#isClosing = true;
    clearTimeout(this.#timer);
    const child = this.#child;
    if (child === undefined) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(() => child.kill('SIGKILL'), endingMs);
      child.once('exit', () => {
        clearTimeout(timer);
        resolve();
      });
      this.tell({ close: true });
    });
  }

  #start(): void {
    const isSource = import.meta.url.endsWith('.ts');
    const child = fork(fileURLToPath(new URL(`./storeProcess.${isSource ? 'ts' : 'js'}`, import.meta.url)), {
      // Texts of a megabyte as they are, not escaped once more.
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      env: Object.fromEntries(needed.map((name) => [name, process.env[name]])),
    });
    this.#child = child;
    child.on('message', (message) => this.#options.onMessage(message as FromStore));
    child.once('error', () => this.#lost(child));
    child.once('exit', () => this.#lost(child));
    this.tell({ open: this.#options.store });
  }

  #lost(child: ChildProcess): void {
    if (this.#child !== child) return;
    this.#child = undefined;
    if (this.#isClosing) return;
    this.restarts++;
    this.#timer = setTimeout(() => this.#start(), this.#pauseMs);
    this.#pauseMs = Math.min(this.#pauseMs * 2, longestPauseMs);
    this.#options.onLost();
  }
}
