/** What the pages of the gateway give a browser to carry, and what they open again. */
import type { Secrets } from '../sealer.js';
import { timedSeal, type TimedSeal } from '../timedSeal.js';
import type { ConnectLink } from './connectLink.js';
import type { ConnectRound } from './connectRound.js';

/** The way on from a page: good in the browser that was shown the page, so that nobody is led past it. */
export interface ConnectStep {
  readonly link: ConnectLink;
  /** Hash of the browser's cookie. */
  readonly browser: string;
  /** Whether the person has shown who it is. */
  readonly isOwner: boolean;
}

/** What a browser keeps in a cookie while it is at another server: it is known by that when it comes back. */
export interface ConnectFlow {
  readonly link: ConnectLink;
  readonly state: string;
  readonly verifier: string;
  /** Where it has to come from. */
  readonly at:
    | { readonly place: 'issuer'; readonly nonce: string }
    | {
        readonly place: 'server';
        readonly issuer: string;
        readonly resource: string;
        readonly scopes: readonly string[];
        readonly documented: boolean;
      };
}

export interface ConnectSeals {
  readonly links: TimedSeal<ConnectLink>;
  readonly steps: TimedSeal<ConnectStep>;
  readonly flows: TimedSeal<ConnectFlow>;
  readonly rounds: TimedSeal<ConnectRound>;
}

/** How long a page can be opened, in milliseconds; and from there, how long each step may take. */
export const connectMs = 10 * 60_000;
/** Calls go on for longer than that only by asking again. */
const roundMs = 60 * 60_000;

/** @param keys shared by all who serve the pages */
export const connectSeals = (keys: Secrets, now: () => number = Date.now): ConnectSeals => {
  const made = <T extends object>(purpose: string, ttlMs: number): TimedSeal<T> =>
    timedSeal<T>({ keys, purpose: `sluice connect ${purpose}`, ttlMs, now });
  return {
    links: made('link', connectMs),
    steps: made('step', connectMs),
    flows: made('flow', connectMs),
    rounds: made('round', roundMs),
  };
};
