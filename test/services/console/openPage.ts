import type { Browser, Page } from 'playwright-core';

/** How the console is looked at. */
export interface Look {
  readonly width: number;
  readonly height: number;
  readonly colorScheme: 'light' | 'dark';
}

/** A page of the console, signed in, and what its browser complained of. */
export interface OpenPage {
  readonly page: Page;
  /** Errors and warnings of the page, also of its content security policy; what the API refused is in them only as a status. */
  readonly complaints: readonly string[];
  /** Goes to a view, and waits for what it shows to be there. */
  goTo(route: string): Promise<void>;
  close(): Promise<void>;
}

const desk: Look = { width: 1280, height: 860, colorScheme: 'light' };

/** Opens the console in a browser of its own, by the link that signs in. */
export const openPage = async (browser: Browser, link: string, look: Look = desk): Promise<OpenPage> => {
  const { width, height, colorScheme } = look;
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme,
    // Pictures are taken of what stands still.
    reducedMotion: 'reduce',
  });
  context.setDefaultTimeout(10_000);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(link);
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  await page.getByText('Live', { exact: true }).waitFor();
  return {
    page,
    complaints,
    async goTo(route) {
      await page.evaluate(`location.hash = ${JSON.stringify(route)}`);
      await page.locator('.loading').first().waitFor({ state: 'detached' });
    },
    close: () => context.close(),
  };
};
