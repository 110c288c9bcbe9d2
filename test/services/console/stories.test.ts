/** What people do with the console, in a real browser, against a gateway with real traffic. */
import assert from 'node:assert/strict';
import type { Browser, Page } from 'playwright-core';
import { ask } from '../../support/ask.js';
import { eventually } from '../../support/eventually.js';
import { modernRequest } from '../../support/modern.js';
import { serviceFor } from '../../support/services/serviceFor.js';
import { startBrowser } from '../../support/services/startBrowser.js';
import { adminKey } from '../../support/startConsole.js';
import { openPage, type OpenPage } from './openPage.js';
import { manyTools, startWorld, type World } from './startWorld.js';

describe('console: stories', function () {
  this.timeout(60_000);
  let browser: Browser;
  let world: World;
  let open: OpenPage;
  let page: Page;
  const started: (() => Promise<void>)[] = [];
  const heading = (name: string | RegExp) => page.getByRole('heading', { level: 1, name });

  before(async function () {
    browser = await serviceFor(this, startBrowser);
    started.push(() => browser.close());
    world = await startWorld();
    started.push(() => world.close());
    open = await openPage(browser, world.link);
    page = open.page;
  });
  afterEach(async function () {
    if (this.currentTest?.state === 'failed')
      await page.screenshot({ path: `results/console/failed ${this.currentTest.title}.png`, fullPage: true });
  });
  after(async () => {
    for (const end of started.reverse()) await end();
  });

  it('signs in by the link, whose key is gone from the address and the history', async () => {
    assert.equal(new URL(page.url()).hash, '#/');
    await page.reload();
    await heading('Overview').waitFor();
    assert.ok(!page.url().includes(adminKey));
  });

  it('refuses a wrong key in words, takes the right one, and signs out', async () => {
    const context = await browser.newContext();
    const stranger = await context.newPage();
    await stranger.goto(world.console.adminUrl);
    await stranger.getByLabel('Admin key').fill('not-the-key');
    await stranger.getByRole('button', { name: 'Sign in' }).click();
    await stranger.locator('#key-note').waitFor();
    await stranger.getByLabel('Admin key').fill(adminKey);
    await stranger.getByRole('button', { name: 'Sign in' }).click();
    await stranger.getByRole('heading', { name: 'Overview' }).waitFor();
    await stranger.getByRole('button', { name: 'Sign out' }).click();
    await stranger.getByRole('heading', { name: 'Sign in to the console' }).waitFor();
    await context.close();
  });

  it('sees a call appear live', async () => {
    await open.goTo('#/overview');
    await world.call('anna', 'crm_echo', { hello: 1 });
    const row = page.getByRole('row', { name: /crm_echo/ });
    await row.first().waitFor();
    assert.match(await row.first().innerText(), /anna[\s\S]*success/);
  });

  it('finds who called send_email 400 times, and opens the waterfall of one call', async () => {
    const mail = { to: ['zoe@example.com'], subject: 'An offer' };
    await world.callOften(400, 'assistant', 'mail_send_email', mail);
    await world.callOften(3, 'anna', 'mail_send_email', mail);
    await open.goTo('#/calls');
    await page.getByLabel('Tool', { exact: true }).fill('mail_send_email');
    await page.getByLabel('Count by').selectOption('user');
    const first = page.getByRole('row').nth(1);
    await page.getByRole('link', { name: 'assistant' }).waitFor();
    assert.match(await first.innerText(), /^assistant\s+400\s/);
    await page.getByRole('link', { name: 'assistant' }).click();
    await page.getByRole('table', { name: 'Calls', exact: true }).getByRole('link').first().click();
    await heading('mail_send_email').waitFor();
    const stages = page.getByRole('group', { name: 'Waterfall' });
    await stages.waitFor();
    const names = await stages.getByRole('rowheader').allInnerTexts();
    for (const stage of ['authenticate', 'resolveTool', 'authorize', 'invoke'])
      assert.ok(
        names.some((name) => name.startsWith(stage)),
        `${stage} is not among ${names.join()}`,
      );
    assert.ok(!(await page.locator('main').innerText()).includes('zoe@example.com'));
  });

  it('leads to the calls of nobody, and to those of their address', async () => {
    await ask(world.console.port, modernRequest('tools/call', { name: 'mail_send_email', arguments: {} }));
    await open.goTo('#/calls?by=user&outcome=unauthenticated');
    await page.getByRole('link', { name: 'nobody', exact: true }).click();
    await page.getByRole('button', { name: 'Without user' }).waitFor();
    const row = page.getByRole('row').filter({ hasText: 'unauthenticated' });
    assert.match(await row.first().innerText(), /nobody/);
    await row.first().getByRole('link').click();
    await page.getByRole('link', { name: '127.0.0.1', exact: true }).click();
    await heading('Calls').waitFor();
    assert.equal(await page.getByLabel('Address').inputValue(), '127.0.0.1');
  });

  it('keeps what is filtered in the address, and comes back to it', async () => {
    await open.goTo('#/calls?tool=mail_send_email&user=anna');
    assert.equal(await page.getByLabel('User').inputValue(), 'anna');
    await page.getByRole('table', { name: 'Calls', exact: true }).getByRole('link').first().click();
    await heading('mail_send_email').waitFor();
    await page.goBack();
    await heading('Calls').waitFor();
    assert.equal(await page.getByLabel('User').inputValue(), 'anna');
  });

  it('tries a tool by a form made of its schema', async () => {
    await open.goTo('#/tools/mail_send_email');
    await page.getByRole('button', { name: 'Call', exact: true }).click();
    await page.getByText('2 values have to be mended').waitFor();
    await page.getByRole('button', { name: 'Add to to' }).click();
    await page.getByLabel(/^to 1/).fill('ben@example.com');
    await page.getByLabel(/^subject/).fill('Hi');
    await page.getByRole('button', { name: 'Call', exact: true }).click();
    await page.getByText('At least 3 characters').waitFor();
    assert.equal(await page.getByLabel(/^subject/).getAttribute('aria-invalid'), 'true');
    await page.getByLabel(/^subject/).fill('Hello');
    await page.getByLabel(/^priority/).selectOption('high');
    await page.getByRole('button', { name: 'Call', exact: true }).click();
    await page
      .getByText(/"accepted": ?1/)
      .first()
      .waitFor();
    await page.getByRole('link', { name: 'See what happened' }).click();
    await page.getByRole('heading', { name: 'Where its time went' }).waitFor();
  });

  it('is not frozen by the pattern of a server, which the gateway checks', async () => {
    await open.goTo('#/tools/mail_send_email');
    await page.getByText('Pattern: ^(a+)+$').waitFor();
    await page.getByRole('button', { name: 'Add to to' }).click();
    await page.getByLabel(/^to 1/).fill('ben@example.com');
    await page.getByLabel(/^subject/).fill('Hello');
    await page.getByLabel(/^code/).fill(`${'a'.repeat(40)}!`);
    await page.getByRole('button', { name: 'Call', exact: true }).click();
    await page
      .getByText(/code must match pattern/)
      .first()
      .waitFor();
  });

  it('cancels a tried tool that hangs, by its button and by leaving', async () => {
    const ended = () => world.console.program(adminKey)('GET', '/calls?tool=crm_hang&outcome=cancelled');
    const cancelled = async () => ((await ended()).json as { calls: unknown[] }).calls.length;
    await open.goTo('#/tools/crm_hang');
    await page.getByRole('button', { name: 'Call', exact: true }).click();
    await page.getByRole('button', { name: 'Cancel', exact: true }).click();
    await page.getByText('Cancelled', { exact: true }).waitFor();
    await eventually(5000, 'one cancelled call', async () => (await cancelled()) === 1);
    await page.getByRole('button', { name: 'Call', exact: true }).click();
    await page.getByRole('button', { name: 'Cancel', exact: true }).waitFor();
    await open.goTo('#/servers');
    await eventually(5000, 'two cancelled calls', async () => (await cancelled()) === 2);
  });

  it('sees a refusal explained, with the part of the configuration responsible', async () => {
    await world.call('ben', 'mail_delete_all');
    await open.goTo('#/calls?user=ben');
    await page.getByRole('table', { name: 'Calls', exact: true }).getByRole('link').first().click();
    await page.getByText('forbidden', { exact: true }).waitFor();
    await page.getByRole('link', { name: 'Explain' }).click();
    const refusing = page.getByRole('listitem').filter({ hasText: 'refuses' });
    await refusing.waitFor();
    assert.match(await refusing.innerText(), /\/policies/);
  });

  it('finds one of 10,000 tools, and draws only what can be seen', async () => {
    await open.goTo('#/tools?server=catalogue');
    await page.getByText(`${manyTools.toLocaleString('en')} tools`).waitFor();
    const rows = page.getByRole('list', { name: 'Tools' }).getByRole('listitem');
    assert.ok((await rows.count()) < 100);
    await page.keyboard.press('/');
    await page.keyboard.type('item_9876');
    await page.getByRole('link', { name: /catalogue_item_9876/ }).waitFor();
    assert.equal(await rows.count(), 1);
  });

  it('shows what flows through the pipeline, and who was turned away', async () => {
    await open.goTo('#/pipeline');
    await page.getByRole('link', { name: /^resolveTool/ }).click();
    await page.getByRole('heading', { name: 'resolveTool' }).waitFor();
    await page.getByRole('table', { name: 'Last calls at resolveTool' }).waitFor();
    assert.equal(new URL(page.url()).hash, '#/pipeline/resolveTool');
  });

  it('checks a configuration, and leads to the line of a mistake', async () => {
    await open.goTo('#/configuration');
    const editor = page.getByLabel('Configuration in YAML');
    await editor.fill('servers:\n  a:\n    urll: http://127.0.0.1:1\n');
    await page.getByRole('button', { name: 'Check', exact: true }).click();
    await page.getByText('not valid').waitFor();
    await page.getByRole('button', { name: /^Line 3/ }).click();
    assert.equal(
      await editor.evaluate((area: { selectionStart: number }) => area.selectionStart),
      'servers:\n  a:\n'.length,
    );
  });

  it('goes by the keyboard: skip link, shortcuts, focus on the heading', async () => {
    await open.goTo('#/overview');
    await page.reload();
    await heading('Overview').waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    assert.equal(await page.evaluate('document.activeElement.id'), 'main');
    await page.keyboard.press('g');
    await page.keyboard.press('s');
    await heading('Servers').waitFor();
    assert.equal(await page.evaluate('document.activeElement.textContent'), 'Servers');
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
    await page.keyboard.press('Escape');
  });

  it('watches a killed backend turn red, and its breaker open', async () => {
    await open.goTo('#/servers');
    const instances = page.getByRole('table', { name: 'Instances of crm' }).getByRole('row');
    await instances.getByText('passing').nth(1).waitFor();
    await world.crm[0].signal('SIGKILL');
    await world.callOften(12, 'anna', 'crm_echo');
    const dead = instances.filter({ has: page.getByText('open', { exact: true }) });
    await dead.waitFor();
    await dead.getByText('failing').waitFor();
    await page.getByText('degraded', { exact: true }).waitFor();
    const asked = await world.console.program(adminKey)('GET', '/calls?tool=crm_echo');
    const { calls } = asked.json as { calls: readonly { id: string; attempts: number }[] };
    const again =
      calls.find(({ attempts }) => attempts > 1) ?? assert.fail('No call needed a second attempt');
    await open.goTo(`#/calls/${again.id}`);
    await page.getByRole('rowheader', { name: /^attempt 2: crm/ }).waitFor();
  });

  it('has had nothing to complain of, its content security policy least of all', () => {
    assert.deepEqual(open.complaints, []);
  });

  it('says that it is disconnected when the network is, and goes on when it is back', async () => {
    await open.goTo('#/overview');
    await page.context().setOffline(true);
    await page.getByText('Disconnected').waitFor({ timeout: 20_000 });
    await page.context().setOffline(false);
    await page.getByText('Live', { exact: true }).waitFor({ timeout: 20_000 });
    await world.call('anna', 'catalogue_item_7');
    await page.getByRole('row', { name: /catalogue_item_7/ }).waitFor();
  });

  it('says that it is disconnected when the gateway is gone', async () => {
    await world.stop();
    await page.getByText('Disconnected').waitFor();
  });
});
