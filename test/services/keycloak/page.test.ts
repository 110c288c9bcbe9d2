/** docs/keycloak.md does what it says: its commands are run as they stand, on a realm of Keycloak's own defaults. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { run } from '../../support/services/run.js';
import { Application } from './application.js';
import { keycloakFor, type Place } from './keycloakFor.js';
import { LoggingIn } from './loggingIn.js';
import { people } from './people.js';
import { startGuarded, type Guarded } from './startGuarded.js';

const realm = 'work';
const page = readFileSync(new URL('../../../docs/keycloak.md', import.meta.url), 'utf8');
const blocks = (language: string): readonly string[] =>
  [...page.matchAll(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 'gs'))].map(([, block = '']) => block);

describe('Keycloak: the page of the documentation', function () {
  this.timeout(120_000);
  let place: Place;
  let gateway: Guarded;
  const closing: (() => Promise<unknown>)[] = [];
  /** What the last command of the page printed. */
  let printed = '';

  before(async function () {
    place = await keycloakFor(this);
    const { keycloak, port } = place;
    const { username, password } = people.ann;
    await keycloak.admin('POST', '', { realm, enabled: true });
    closing.unshift(() => keycloak.admin('DELETE', realm));
    const ann = { username, firstName: 'Ann', lastName: 'Lyst', email: 'ann@acme.example', enabled: true };
    await keycloak.admin('POST', `${realm}/users`, {
      ...ann,
      credentials: [{ type: 'password', value: password }],
    });
    const [settings = '', introspection = ''] = blocks('yaml');
    const indented = introspection.trim().replace(/^/, '        ');
    gateway = await startGuarded(
      place,
      `${settings}${indented}`
        .replace('https://login.example/realms/work', keycloak.issuer(realm))
        .replace('${GATEWAY_SECRET}', 'secret of the gateway'),
    );
    closing.unshift(() => gateway.close());
    await keycloak.admin('POST', `${realm}/clients`, {
      clientId: 'gateway',
      secret: 'secret of the gateway',
      standardFlowEnabled: false,
    });
    const words = {
      KEYCLOAK: keycloak.url,
      GATEWAY: `http://127.0.0.1:${port}`,
      REALM: realm,
      ADMIN: keycloak.administrator.username,
      PASSWORD: keycloak.administrator.password,
      SECRET: "nightly's",
    };
    const given = Object.entries(words).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
    const script = ['set -euo pipefail', ...given, ...blocks('sh')].join('\n');
    printed = await run('bash', ['-c', script], { ms: 60_000 });
  });
  after(async () => {
    for (const close of closing) await close();
  });

  it('has commands that run, the last of which lists the tools for a machine', () => {
    assert.equal(blocks('sh').length, 6);
    assert.match(printed, /"name":"crm_echo"/);
  });

  for (const kind of Application.kinds)
    for (const client of [undefined, 'mcp-client'])
      it(`lets people in with ${kind}, ${client === undefined ? 'registered by itself' : 'known beforehand'}`, async () => {
        const application = new Application(kind, gateway.url, new LoggingIn(people.ann, client));
        try {
          assert.equal(await application.call('crm_echo'), 'hello');
        } finally {
          await application.close();
        }
      });
});
