import { concat, NEVER, of, type Observable } from 'rxjs';
import type { Backend, BackendCall, Completion, Offer } from '../streams/backend.js';
import { result, type Reply } from '../streams/reply.js';

export interface FakeBackendOptions {
  /** What it offers, asked each time; nothing at all when not given. */
  readonly offer?: () => Observable<Offer>;
  /** What it answers; an empty result when not given. */
  readonly invoke?: (call: BackendCall) => Observable<Reply>;
  readonly changed$?: Observable<void>;
  readonly updated$?: Observable<string>;
  readonly completed$?: Observable<Completion>;
  /** How it takes to being asked to watch; in effect at once when not given. */
  readonly watch?: (uri: string) => Observable<void>;
}

/** A backend that does as it is told and remembers what came. */
export interface FakeBackend extends Backend {
  readonly calls: readonly BackendCall[];
  /** The grace it was given when it was closed, in milliseconds; undefined while it is open. */
  readonly closedWith: number | undefined;
}

/** An offer with what is given and nothing else. */
export const offerOf = (parts: Partial<Offer> = {}): Offer => ({
  revision: '2025-11-25',
  capabilities: {},
  tools: [],
  resources: [],
  resourceTemplates: [],
  prompts: [],
  warnings: [],
  ...parts,
});

/** Makes a backend for tests of operators, in virtual time or real. */
export const fakeBackend = (options: FakeBackendOptions = {}): FakeBackend => {
  const {
    offer = () => of(offerOf()),
    invoke = () => of(result({})),
    changed$ = NEVER,
    updated$ = NEVER,
    completed$ = NEVER,
  } = options;
  const { watch = () => concat(of(undefined), NEVER) } = options;
  const calls: BackendCall[] = [];
  let closedWith: number | undefined;
  return {
    calls,
    get closedWith() {
      return closedWith;
    },
    offer,
    invoke: (call) => {
      calls.push(call);
      return invoke(call);
    },
    changed$,
    updated$,
    completed$,
    watch,
    close: (graceMs) => {
      closedWith = graceMs;
      return Promise.resolve();
    },
  };
};
