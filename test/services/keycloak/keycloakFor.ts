import { freePorts } from '../../support/services/freePorts.js';
import { serviceFor } from '../../support/services/serviceFor.js';
import { startKeycloak, type Keycloak } from '../../support/services/startKeycloak.js';
import { realms } from './realms.js';

/** A Keycloak, and where the gateway listens that its tokens are for. */
export interface Place {
  readonly keycloak: Keycloak;
  readonly port: number;
}

let started: Promise<Place> | undefined;

const start = async (): Promise<Place> => {
  const [port = 0] = await freePorts(1);
  const words = { SLUICE_URL: `http://127.0.0.1:${port}` };
  return { port, keycloak: await startKeycloak({ realms, words }) };
};

/** One for all suites of a run: it takes long to start. To be used in `before`. */
export const keycloakFor = (context: Mocha.Context): Promise<Place> => {
  // The first time on a machine it is fetched and built.
  context.timeout(400_000);
  return serviceFor(context, () => (started ??= start()));
};

after('stop Keycloak', async () => {
  // One that could not be had was told to the suites.
  const place = await started?.catch(() => undefined);
  await place?.keycloak.close();
});
