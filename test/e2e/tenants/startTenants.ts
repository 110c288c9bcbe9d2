import { startEverythingServer } from '../../fixtures/everythingServer/startEverythingServer.js';
import { startTasksServer } from '../../fixtures/tasksServer/startTasksServer.js';
import { apiKeysFile } from '../../support/apiKeysFile.js';
import { recordingProxy, type RecordingProxy } from '../../support/recordingProxy.js';
import { startGateway, type RunningGateway } from '../../support/startGateway.js';

/** How the two tenants are kept apart. */
export type Isolation = 'logical' | 'namespace' | 'dedicated';

/** What somebody sends to say who he is. */
export type Credential = Readonly<Record<string, string>>;

/** A gateway of two tenants: `own` is a server of the first; `common` and `jobs` are everybody's, but with `dedicated` not the first's and its own. */
export interface Tenants {
  readonly gateway: RunningGateway;
  /** Of the first tenant. */
  readonly ann: Credential;
  readonly bea: Credential;
  /** Of the other one. */
  readonly eve: Credential;
  /** In front of the names of the first, and of the other. */
  readonly prefix: string;
  readonly evesPrefix: string;
  /** What is sent to the first tenant's server, and to the others. */
  readonly own: RecordingProxy;
  readonly common: RecordingProxy;
  readonly jobs: RecordingProxy;
  close(): Promise<void>;
}

/** A resource that only the first tenant's server has. */
export const ownResource = 'own://watched';

const kinds: Readonly<Record<Isolation | 'metered', string>> = {
  logical: 'acme: { servers: [own, common, jobs] }, bank: { servers: [common, jobs] }',
  namespace:
    'acme: { servers: [own, common, jobs], namespace: acme }, bank: { servers: [common, jobs], namespace: bank }',
  dedicated: 'acme: { servers: [own, jobs], dedicated: true }, bank: {}',
  /** Both with quotas. */
  metered:
    'acme: { quotas: { requests_per_day: 4 } }, bank: { quotas: { requests_per_day: 9, requests_per_month: 2 } }',
};

/** @param more further parts of the configuration */
export const startTenants = async (isolation: Isolation | 'metered', more = ''): Promise<Tenants> => {
  const [first, second, tasks] = [
    await startEverythingServer({ watched: ownResource }),
    await startEverythingServer(),
    await startTasksServer(),
  ];
  const [own, common, jobs] = [
    await recordingProxy(first.url),
    await recordingProxy(second.url),
    await recordingProxy(tasks.url),
  ];
  const keys = await apiKeysFile({ ann: 'acme', bea: 'acme', eve: 'bank' });
  const gateway = await startGateway(`  own: { url: "${own.url}" }
  common: { url: "${common.url}" }
  jobs: { url: "${jobs.url}" }
auth: { api_keys: { file: "${keys.path}" } }
tenants: { ${kinds[isolation]} }
page_size: 20
${more}`);
  return {
    gateway,
    ann: keys.of('ann'),
    bea: keys.of('bea'),
    eve: keys.of('eve'),
    prefix: isolation === 'namespace' ? 'acme_' : '',
    evesPrefix: isolation === 'namespace' ? 'bank_' : '',
    own,
    common,
    jobs,
    async close() {
      await gateway.close();
      await Promise.all([own, common, jobs].map((proxy) => proxy.close()));
      await Promise.all([first, second, tasks].map((server) => server.close()));
      await keys.remove();
    },
  };
};
