import { firstValueFrom } from 'rxjs';
import { hazelcastLink, type HazelcastLink } from '../../../src/stores/hazelcast/hazelcastLink.js';
import { silent } from '../../../src/streams/log.js';
import { serviceFor } from '../../support/services/serviceFor.js';
import { startHazelcast, type Hazelcast } from '../../support/services/startHazelcast.js';
import { within } from '../../support/within.js';

/** Two members, and links to them that end with the suite. */
export interface Cluster extends Hazelcast {
  /** A link that is connected. */
  open(): Promise<HazelcastLink>;
}

/** Starts them; to be used in `before`. */
export const clusterFor = async (context: Mocha.Context, clusterName: string): Promise<Cluster> => {
  context.timeout(400_000);
  const members = await serviceFor(context, () => startHazelcast({ members: 2, clusterName }));
  const links: HazelcastLink[] = [];
  return Object.assign(Object.create(members) as Hazelcast, {
    async open() {
      const link = hazelcastLink(members, silent);
      links.push(link);
      await within(15_000, 'the connection', firstValueFrom(link.back$));
      return link;
    },
    async close() {
      await Promise.all(links.splice(0).map((link) => link.close()));
      await members.close();
    },
  });
};
