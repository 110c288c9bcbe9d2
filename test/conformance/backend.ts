import {
  startEverythingServer,
  type EverythingServer,
  type Era,
} from '../fixtures/everythingServer/startEverythingServer.js';
import { startTasksServer } from '../fixtures/tasksServer/startTasksServer.js';
import { impossible, type Impossible } from './impossible.js';
import type { Outcome } from './outcome.js';
import type { Revision } from './requirements.js';

/** What stands behind the gateway, and what of the suite is about it. */
export interface ConformanceBackend {
  /** The eras of the clients that the suite then is. */
  readonly eras: readonly ('legacy' | 'modern')[];
  start(): Promise<Pick<EverythingServer, 'url' | 'close'>>;
  /** The outcomes that are to be judged. */
  judged(outcomes: readonly Outcome[]): readonly Outcome[];
  impossible(revision: Revision): readonly Impossible[];
}

/** The server that the scored scenarios are made for, in one era or both. */
export const backendOfEra = (era: Era): ConformanceBackend => ({
  eras: ['legacy', 'modern'],
  start: () => startEverythingServer({ era }),
  judged: (outcomes) => outcomes,
  impossible: (revision) => impossible(era, revision),
});

/** Checks nothing in this release of the suite, pending its rewrite for listen streams. */
const unwritten = 'tasks-status-notifications';

/** A server with the tasks extension. The suite scores no scenario of an extension: here all that check anything count. */
export const backendOfTasks: ConformanceBackend = {
  eras: ['modern'],
  start: startTasksServer,
  judged: (outcomes) =>
    outcomes
      .filter(({ scenario }) => scenario.startsWith('tasks-'))
      .map((outcome) => ({ ...outcome, scored: outcome.scenario !== unwritten })),
  impossible: () => [],
};
