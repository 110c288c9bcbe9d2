/** Keycloak gets new keys, and loses old ones, while calls run. */
import assert from 'node:assert/strict';
import { eventually } from '../../support/eventually.js';
import type { Keycloak } from '../../support/services/startKeycloak.js';
import { grant } from './grant.js';
import { keycloakFor, type Place } from './keycloakFor.js';
import { startGuarded, type Guarded } from './startGuarded.js';

interface KeyProvider {
  readonly id: string;
  readonly providerId: string;
  readonly parentId: string;
  readonly config: Readonly<Record<string, readonly string[]>>;
}

const kind = 'org.keycloak.keys.KeyProvider';
const callers = 2;
const rounds = 2;

const priorityOf = ({ config }: KeyProvider): number => Number(config['priority']?.[0] ?? 0);

/** The provider of the key that signs access tokens now. */
const signing = async (keycloak: Keycloak): Promise<KeyProvider> => {
  const all = (await keycloak.admin('GET', `sluice/components?type=${kind}`)) as readonly KeyProvider[];
  const [first] = all
    .filter(({ providerId }) => providerId === 'rsa-generated')
    .sort((a, b) => priorityOf(b) - priorityOf(a));
  assert.ok(first !== undefined);
  return first;
};

describe('Keycloak: rotation of keys', function () {
  this.timeout(120_000);
  let place: Place;
  let gateway: Guarded;
  const closing: (() => Promise<void>)[] = [];

  before(async function () {
    place = await keycloakFor(this);
    gateway = await startGuarded(
      place,
      `auth: { scopes: { required: [mcp] }, jwt: { issuers: [{ issuer: "${place.keycloak.issuer('sluice')}" }] } }`,
    );
    closing.push(() => gateway.close());
  });
  after(() => Promise.all(closing.map((close) => close())));

  it('refuses none of the calls that go on meanwhile', async () => {
    const { keycloak } = place;
    /** Ids of the keys with whose tokens calls were let in. */
    const accepted = new Set<string>();
    const refused: string[] = [];
    let over = false;

    /** How many tokens each caller has got and used. */
    const used = Array.from({ length: callers }, () => 0);
    const caller = async (_used: number, index: number): Promise<void> => {
      for (; !over; used[index] = (used[index] ?? 0) + 1) {
        const token = await grant(keycloak, { client: 'nightly', secret: 'secret of nightly' });
        const kid = keyOf(token);
        for (let i = 0; i < 5; i++) {
          const { status, body } = await gateway.call(token);
          if (status === 200) accepted.add(kid);
          else refused.push(`${status} ${body}`);
        }
      }
    };
    /** Waits until each caller has used a token that it asked for after this moment. */
    const allGoOn = (): Promise<void> => {
      const before = [...used];
      return eventually(
        30_000,
        'more calls',
        () => refused.length > 0 || used.every((count, index) => count >= (before[index] ?? 0) + 2),
      );
    };

    const calls = used.map(caller);
    try {
      await allGoOn();
      for (let round = 0; round < rounds; round++) {
        const old = await signing(keycloak);
        const { id, ...settings } = old;
        const priority = String(priorityOf(old) + 1);
        const config = { priority: [priority], keySize: ['2048'], algorithm: ['RS256'] };
        await keycloak.admin('POST', 'sluice/components', {
          ...settings,
          name: `since ${priority}`,
          providerType: kind,
          config,
        });
        await allGoOn();
        await keycloak.admin('PUT', `sluice/components/${id}`, {
          ...old,
          config: { ...old.config, active: ['false'] },
        });
        await allGoOn();
        await keycloak.admin('DELETE', `sluice/components/${id}`);
        await allGoOn();
      }
    } finally {
      over = true;
      await Promise.all(calls);
    }
    assert.deepEqual(refused, []);
    assert.equal(accepted.size, rounds + 1);
  });
});

/** The id of the key that a token is signed with. */
const keyOf = (token: string): string => {
  const header: unknown = JSON.parse(Buffer.from(token.split('.', 1)[0] ?? '', 'base64url').toString());
  return String((header as { readonly kid?: unknown }).kid);
};
