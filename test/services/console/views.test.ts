/** Every view as it looks: no finding of axe, no wider than its window, nothing the browser complains of. Pictures go to results/console. */
import assert from 'node:assert/strict';
import axe from 'axe-core';
import { mkdir } from 'node:fs/promises';
import type { Browser } from 'playwright-core';
import { serviceFor } from '../../support/services/serviceFor.js';
import { startBrowser } from '../../support/services/startBrowser.js';
import { openPage, type Look, type OpenPage } from './openPage.js';
import { adminKey, startConsole, type RunningConsole } from '../../support/startConsole.js';
import { startWorld, type World } from './startWorld.js';

const looks: Readonly<Record<string, Look>> = {
  light: { width: 1280, height: 860, colorScheme: 'light' },
  dark: { width: 1280, height: 860, colorScheme: 'dark' },
  phone: { width: 375, height: 812, colorScheme: 'light' },
  // A gateway that has nothing yet.
  empty: { width: 1280, height: 860, colorScheme: 'light' },
};

/** What a gateway without servers has not. */
const ofWorld = ['tool', 'call'];

/** `CALL` stands for the newest call. */
const views: Readonly<Record<string, string>> = {
  overview: '#/overview',
  servers: '#/servers',
  pipeline: '#/pipeline/resolveTool',
  tools: '#/tools',
  tool: '#/tools/mail_send_email',
  calls: '#/calls',
  groups: '#/calls?by=user',
  call: '#/calls/CALL',
  sessions: '#/sessions',
  tenants: '#/tenants',
  policies: '#/policies?tool=mail_delete_all&user=ben',
  configuration: '#/configuration',
  nowhere: '#/nowhere',
};

const pictures = 'results/console';

interface Finding {
  readonly id: string;
  readonly nodes: readonly { readonly target: readonly string[] }[];
}

describe('console: views', function () {
  this.timeout(60_000);
  let browser: Browser;
  let empty: RunningConsole;
  let world: World;
  const started: (() => Promise<void>)[] = [];
  let call: string;

  before(async function () {
    browser = await serviceFor(this, startBrowser);
    started.push(() => browser.close());
    world = await startWorld();
    started.push(() => world.close());
    empty = await startConsole('servers: {}');
    started.push(() => empty.close());
    await mkdir(pictures, { recursive: true });
    await world.callOften(30, 'assistant', 'mail_send_email', {
      to: ['zoe@example.com'],
      subject: 'An offer',
    });
    await world.call('ben', 'mail_delete_all');
    await world.call('anna', 'crm_echo');
    const { json } = await world.console.program(adminKey)('GET', '/calls?tool=mail_send_email');
    call = (json as { calls: readonly { id: string }[] }).calls[0]!.id;
  });
  after(async () => {
    for (const end of started.reverse()) await end();
  });

  for (const [look, how] of Object.entries(looks))
    describe(look, () => {
      let open: OpenPage;
      before(async () => {
        const link = look === 'empty' ? `${empty.adminUrl}/#key=${adminKey}` : world.link;
        open = await openPage(browser, link, how);
        await open.page.evaluate(axe.source);
      });
      after(() => open.close());

      for (const [view, route] of Object.entries(views).filter(
        ([name]) => look !== 'empty' || !ofWorld.includes(name),
      ))
        it(view, async () => {
          await open.goTo(route.replace('CALL', call));
          await open.page.screenshot({ path: `${pictures}/${look}-${view}.png` });
          const found = await open.page.evaluate<readonly Finding[]>(
            "axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations)",
          );
          assert.deepEqual(
            found.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`),
            [],
          );
          const over = await open.page.evaluate('document.documentElement.scrollWidth - innerWidth');
          assert.ok(Number(over) <= 0, `It is ${String(over)} px wider than its window`);
        });

      it('nothing to complain of', () => assert.deepEqual(open.complaints, []));
    });
});
