import type { Server } from 'node:http';
import type { Settings } from '../config/settings.js';
import type { LiveCalls } from '../streams/liveCalls.js';
import { closed } from './httpServer.js';
import type { Relaying } from './relaying.js';
import { settledWithin } from './settledWithin.js';

export interface LeaveOptions {
  readonly server: Server;
  readonly settings: Settings;
  readonly calls: LiveCalls;
  readonly relay: Relaying;
  /** From now on nothing new is taken. */
  readonly refuse: () => void;
}

/**
 * The way out, in this order: the other instances are told, whoever balances the load gets `drain_delay` to notice, what is under way
 * gets `drain_timeout` to finish. An instance with others goes on listening meanwhile where they reach it: they have things to say to it, and what clients
 * still send here goes to them.
 *
 * @returns what resolves when the last connection has closed
 */
export const leave = async ({ server, settings, calls, relay, refuse }: LeaveOptions) => {
  const { drainDelayMs, drainTimeoutMs } = settings;
  const handingOver = await relay.leave();
  if (drainDelayMs > 0) await settledWithin(new Promise(() => undefined), drainDelayMs);
  refuse();
  // Standing streams have nothing to finish: their clients go elsewhere at once.
  calls.endListening();
  const stopped = handingOver?.sharesDoor === true ? undefined : closed(server);
  await settledWithin(Promise.all([calls.whenIdle(), handingOver?.done]), drainTimeoutMs);
  return { stopped: stopped ?? closed(server) };
};
