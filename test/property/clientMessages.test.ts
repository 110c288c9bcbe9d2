import fc from 'fast-check';
import { counts } from '../support/counts.js';
import { eventually } from '../support/eventually.js';
import { startGateway, type RunningGateway } from '../support/startGateway.js';
import { startActingBackends, type ActingBackends } from './actingBackends.js';
import { clientKinds, storiesOf, type ClientKind, type Story } from './story.js';
import { Telling } from './tellStory.js';
import { judge } from './verdict.js';

/** How many stories of each kind in a long run: `SLUICE_PROPERTY_RUNS=5000 npx mocha test/property/clientMessages.test.ts`. */
const longRuns = process.env['SLUICE_PROPERTY_RUNS'];
const numRuns = Number(longRuns ?? 150);
/** On a busy machine a normal run tells fewer stories rather than none in time, in milliseconds. */
const enoughMs = longRuns === undefined ? 15_000 : Infinity;
/** The seed of a run that failed, to see it again; fast-check names it. */
const seed = process.env['SLUICE_PROPERTY_SEED'];

/**
 * What is told of a run that fails can be told again, as far as sockets allow. Not shrunk unless wanted: a call that never ends
 * is waited for in every attempt.
 */
const parameters = {
  numRuns,
  endOnFailure: process.env['SLUICE_PROPERTY_SHRINK'] === undefined,
  ...(seed !== undefined && { seed: Number(seed) }),
};

describe('Any sequence of client messages', function () {
  this.timeout(longRuns === undefined ? 60_000 : 0);
  // A failure that comes and goes is a failure.
  this.retries(0);
  let backends: ActingBackends;
  let gateway: RunningGateway;

  before(async () => {
    backends = await startActingBackends();
    gateway = await startGateway(backends.servers);
  });
  after(async () => {
    await gateway.close();
    await backends.close();
  });

  const tell = async (story: Story): Promise<void> => {
    const telling = new Telling(gateway.port, backends, story);
    try {
      await telling.begin();
      for (const event of story.events) await telling.happen(event);
      await telling.finish();
      judge(telling.clients, backends.acts);
    } finally {
      await telling.end();
      backends.acts.clear();
    }
    await eventually(5000, 'the end of all calls', async () => {
      const { calls, streams, sessions } = await counts(gateway.adminUrl);
      return calls + streams + sessions === 0;
    });
  };

  const groups: Readonly<Record<string, readonly ClientKind[]>> = {
    'over POST': clientKinds.filter((kind) => kind.startsWith('post')),
    'over channels': clientKinds.filter((kind) => !kind.startsWith('post')),
    'over all transports at once': clientKinds,
  };
  for (const [name, kinds] of Object.entries(groups))
    it(`${name} gets one answer a request, with its own id, and nothing of anybody else's`, () => {
      const stopAt = performance.now() + enoughMs;
      const tellInTime = async (story: Story): Promise<void> => {
        if (performance.now() < stopAt) await tell(story);
      };
      return fc.assert(fc.asyncProperty(storiesOf(kinds), tellInTime), parameters);
    });
});
