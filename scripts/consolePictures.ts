/**
 * Takes the pictures of the console for the README, into docs/images: a gateway with servers, two minutes of traffic, one instance
 * killed. `node --import tsx scripts/consolePictures.ts`, after a build; it needs Chromium.
 */
import { mkdir } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { openPage } from '../test/services/console/openPage.js';
import { startWorld } from '../test/services/console/startWorld.js';
import { startBrowser } from '../test/support/services/startBrowser.js';

const folder = 'docs/images';
const seconds = 120;

const browser = await startBrowser();
const world = await startWorld();
const look = { width: 1280, height: 800 } as const;
const mail = { to: ['zoe@example.com'], subject: 'An offer' };
await mkdir(folder, { recursive: true });

const light = await openPage(browser, world.link, { ...look, colorScheme: 'light' });
for (let second = 0; second < seconds; second += 1) {
  const many = Math.round(14 + 8 * Math.sin(second / 9) + 4 * Math.sin(second / 2.3));
  await Promise.all([
    delay(1000),
    world.callOften(many, 'assistant', 'mail_send_email', mail),
    world.callOften(Math.round(many / 3), 'anna', 'crm_echo', { id: second }),
    world.callOften(second % 4, 'anna', `catalogue_item_${second % 7}`),
    ...(second % 9 === 0 ? [world.call('ben', 'mail_delete_all')] : []),
  ]);
  if (second === Math.round(seconds * 0.8)) await world.crm[0].signal('SIGKILL');
}
await light.page.screenshot({ path: `${folder}/console-overview.png` });

const dark = await openPage(browser, world.link, { ...look, colorScheme: 'dark' });
await dark.goTo('#/pipeline');
await world.callOften(20, 'assistant', 'mail_send_email', mail);
await dark.page.getByText('/s', { exact: false }).first().waitFor();
await dark.page.screenshot({ path: `${folder}/console-pipeline.png` });

await browser.close();
await world.close();
