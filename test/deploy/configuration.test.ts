import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, parseAllDocuments } from 'yaml';
import { unprotected } from '../../src/cli/unprotected.js';
import { loadSettings } from '../../src/config/load.js';
import type { Settings } from '../../src/config/settings.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const yaml = <T>(path: string): T => parse(read(path)) as T;
const { version } = JSON.parse(read('package.json')) as { version: string };

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string | number };
}
interface Container {
  readonly name: string;
  readonly image: string;
  readonly args?: readonly string[];
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
  readonly startupProbe: Probe;
  readonly livenessProbe: Probe;
  readonly readinessProbe?: Probe;
  readonly lifecycle?: { readonly preStop: { readonly sleep: { readonly seconds: number } } };
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
}
interface Deployment {
  readonly spec: {
    readonly replicas?: number;
    readonly strategy: { readonly rollingUpdate: { readonly maxUnavailable: number } };
    readonly template: {
      readonly spec: {
        readonly terminationGracePeriodSeconds: number;
        readonly initContainers: readonly [Container];
        readonly containers: readonly [Container];
        readonly volumes: readonly {
          readonly name: string;
          readonly configMap?: { readonly name: string };
        }[];
      };
    };
  };
}

describe('deploy/kubernetes', () => {
  const pod = yaml<Deployment>('deploy/kubernetes/deployment.yaml').spec;
  const { initContainers, containers, volumes, terminationGracePeriodSeconds } = pod.template.spec;
  const [door] = initContainers;
  const [gateway] = containers;
  const haproxy = read('deploy/kubernetes/haproxy.cfg');
  const folder = mkdtempSync(join(tmpdir(), 'sluice-deploy-'));
  let settings: Settings;

  before(() => {
    const keys = join(folder, 'keys');
    writeFileSync(keys, `${randomBytes(32).toString('base64')}\n`);
    const text = read('deploy/kubernetes/gateway.yaml');
    assert.ok(text.includes('/run/sluice/state-keys/keys'), 'the keys come from the Secret');
    settings = loadSettings(text.replace('/run/sluice/state-keys/keys', keys), {
      file: 'gateway.yaml',
      env: {},
      baseDir: folder,
    });
  });
  after(() => rmSync(folder, { recursive: true }));

  it('configures a gateway that starts without a say-so, with nothing that has no function', () => {
    assert.equal(unprotected(settings, 'gateway.yaml'), undefined);
    assert.deepEqual(settings.inactive, []);
    assert.equal(settings.state.keys.length, 1);
    assert.ok(!gateway.args?.includes('--allow-inactive'));
  });

  it('lets the sidecar reach the ports that the gateway listens on', () => {
    const backend = (name: string): string | undefined =>
      new RegExp(String.raw`^backend ${name}\n(?: .*\n)*? +server \S+ (\S+)$`, 'm').exec(haproxy)?.[1];
    assert.equal(backend('gateway'), `${settings.listen.host}:${settings.listen.port}`);
    assert.equal(backend('admin'), `${settings.admin.host}:${settings.admin.port}`);
    const bound = [...haproxy.matchAll(/^ +bind :(\d+)/gm)].map(([, port]) => Number(port));
    assert.deepEqual(
      door.ports?.map(({ containerPort }) => containerPort),
      bound,
    );
  });

  it('probes what answers', () => {
    const probes = door.ports?.find(({ name }) => name === 'probes')?.containerPort;
    for (const [probe, path] of [
      [gateway.startupProbe, '/healthz'],
      [gateway.livenessProbe, '/healthz'],
      [gateway.readinessProbe, '/readyz'],
    ] as const) {
      assert.deepEqual(probe?.httpGet, { path, port: probes });
      assert.match(haproxy, new RegExp(String.raw`unless \{ path .*${path}\b`));
    }
    assert.deepEqual(door.livenessProbe.httpGet, { path: '/door', port: 'probes' });
  });

  it('says where metrics are scraped', () => {
    const { annotations } = yaml<{
      spec: { template: { metadata: { annotations: Record<string, string> } } };
    }>('deploy/kubernetes/deployment.yaml').spec.template.metadata;
    const port = door.ports?.find(({ name }) => name === 'metrics')?.containerPort;
    assert.equal(annotations['prometheus.io/port'], String(port));
    assert.match(haproxy, new RegExp(String.raw`unless \{ path ${annotations['prometheus.io/path']} \}`));
  });

  it('gives a pod longer to end than the gateway takes, and never takes one away before another is ready', () => {
    const pauseMs = (gateway.lifecycle?.preStop.sleep.seconds ?? 0) * 1000;
    assert.ok(pauseMs >= 5000);
    assert.ok(terminationGracePeriodSeconds * 1000 >= pauseMs + settings.drainTimeoutMs + 10_000);
    assert.equal(pod.strategy.rollingUpdate.maxUnavailable, 0);
    assert.equal(pod.replicas, undefined, 'the autoscaler says how many');
  });

  it('does not cut streams that live by heartbeats, and keeps clients for as long as their sessions', () => {
    for (const name of ['client', 'server', 'tunnel']) {
      const seconds = new RegExp(String.raw`^ +timeout ${name} (\d+)s$`, 'm').exec(haproxy)?.[1];
      assert.ok(Number(seconds) * 1000 >= 2 * settings.http.heartbeatMs, name);
    }
    const service = yaml<{
      spec: { sessionAffinityConfig: { clientIP: { timeoutSeconds: number } } };
    }>('deploy/kubernetes/service.yaml').spec;
    assert.ok(
      service.sessionAffinityConfig.clientIP.timeoutSeconds * 1000 > settings.sessions.ttlMs,
      'the affinity outlasts sessions',
    );
  });

  it('mounts every file that is named, and applies every manifest that is there', () => {
    const kustomization = yaml<{
      resources: string[];
      configMapGenerator: { name: string; files: string[] }[];
      images: { name: string; newTag: string }[];
    }>('deploy/kubernetes/kustomization.yaml');
    const generated = kustomization.configMapGenerator.flatMap(({ files }) => files);
    assert.deepEqual(
      [...kustomization.resources, ...generated, 'kustomization.yaml'].sort(),
      readdirSync(join(root, 'deploy/kubernetes')).sort(),
    );
    for (const container of [door, gateway])
      for (const { name } of container.volumeMounts)
        assert.ok(
          volumes.some((volume) => volume.name === name),
          name,
        );
    assert.deepEqual(
      volumes.flatMap(({ configMap }) => (configMap === undefined ? [] : [configMap.name])).sort(),
      kustomization.configMapGenerator.map(({ name }) => name).sort(),
    );
    assert.equal(gateway.args?.[2], `${mountOf(gateway, 'config')}/gateway.yaml`);
    assert.equal(mountOf(gateway, 'state-keys'), '/run/sluice/state-keys');
    assert.equal(gateway.image, `sluice:${version}`);
    assert.deepEqual(
      kustomization.images.map(({ newTag }) => newTag),
      [version],
    );
  });

  it('selects its pods by the same label everywhere', () => {
    const label = { 'app.kubernetes.io/name': 'sluice' };
    const selectors = readdirSync(join(root, 'deploy/kubernetes')).flatMap((file) =>
      file.endsWith('.yaml')
        ? parseAllDocuments(read(`deploy/kubernetes/${file}`)).flatMap((document) =>
            found(document.toJS() as unknown, /^(matchLabels|labels)$/),
          )
        : [],
    );
    assert.ok(selectors.length >= 5);
    for (const selector of selectors)
      if (!Object.keys(selector as object).some((key) => /^pod-security|^kubernetes.io\/metadata/.test(key)))
        assert.deepEqual(selector, label);
  });
});

describe('deploy/compose.yaml', () => {
  interface Service {
    readonly image: string;
    readonly command?: readonly string[];
    readonly ports?: readonly string[];
    readonly networks?: readonly string[];
    readonly network_mode?: string;
    readonly profiles?: readonly string[];
    readonly stop_grace_period?: string;
    readonly environment?: Readonly<Record<string, string>>;
  }
  const { services } = yaml<{ services: Readonly<Record<string, Service>> }>('deploy/compose.yaml');
  const settings = loadSettings(read('deploy/compose/sluice/gateway.yaml'), {
    file: 'gateway.yaml',
    env: { STATE_KEY: '' },
    baseDir: root,
  });
  const { gateway, orders } = services;

  it('configures a gateway with nothing that has no function', () => {
    assert.deepEqual(settings.inactive, []);
    assert.equal(gateway?.image, `sluice:${version}`);
    assert.ok(Number.parseInt(gateway.stop_grace_period ?? '') * 1000 > settings.drainTimeoutMs);
  });

  it('opens the gateway to this machine only, as the say-so demands', () => {
    const open = { ...settings, listen: { ...settings.listen, host: '0.0.0.0' } };
    assert.notEqual(unprotected(open, 'gateway.yaml'), undefined);
    assert.deepEqual(gateway?.command?.slice(-3), ['--host', '0.0.0.0', '--allow-inactive']);
    // 9090 is that of Prometheus, which has its network.
    assert.deepEqual(gateway.ports, [`127.0.0.1:8080:${settings.listen.port}`, '127.0.0.1:9090:9090']);
    for (const [name, { ports = [] }] of Object.entries(services))
      for (const port of ports) assert.match(port, /^127\.0\.0\.1:/, name);
  });

  it('has nothing on the network of the gateway but its backend, which listens where it is looked for', () => {
    const near = Object.keys(services).filter((name) => services[name]?.networks?.includes('tools'));
    assert.deepEqual(near, ['gateway', 'orders']);
    const [backend] = settings.servers;
    assert.ok(backend?.type === 'rest');
    assert.match(JSON.stringify(backend), new RegExp(`http://orders:${orders?.environment?.['PORT']}`));
  });

  it('lets Prometheus scrape the admin listener from inside', () => {
    assert.equal(services['prometheus']?.network_mode, 'service:gateway');
    const { scrape_configs: jobs } = yaml<{
      scrape_configs: { job_name: string; static_configs: { targets: string[] }[] }[];
    }>('deploy/compose/prometheus.yml');
    const job = jobs.find(({ job_name: name }) => name === 'sluice');
    assert.deepEqual(job?.static_configs, [{ targets: [`${settings.admin.host}:${settings.admin.port}`] }]);
  });

  it('starts what the gateway does not use yet only when asked to', () => {
    const later = ['consul', 'hazelcast', 'keycloak', 'opa', 'prometheus'];
    for (const name of later) assert.deepEqual(services[name]?.profiles, ['platform', name]);
    assert.deepEqual(Object.keys(services), ['gateway', 'orders', ...later]);
  });
});

const mountOf = ({ volumeMounts }: Container, name: string): string | undefined =>
  volumeMounts.find((mount) => mount.name === name)?.mountPath;

/** Every value under a key that fits, at any depth. */
const found = (value: unknown, key: RegExp): unknown[] =>
  typeof value !== 'object' || value === null
    ? []
    : Object.entries(value).flatMap(([name, child]) => [
        ...(key.test(name) ? [child] : []),
        ...found(child, key),
      ]);
