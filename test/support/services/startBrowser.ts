import { chromium, type Browser } from 'playwright-core';
import { installed } from './installed.js';

/** Starts the Chromium that is installed (Debian's package will do), without a window; close it in `after`. */
export const startBrowser = async (): Promise<Browser> => {
  const executablePath = await installed(
    'Chromium',
    ['chromium', 'chromium-browser', 'google-chrome'],
    'apt-get install chromium',
  );
  // Root has no sandbox of its own; what is opened here is only ours.
  const isRoot = process.getuid?.() === 0;
  return chromium.launch({
    executablePath,
    chromiumSandbox: !isRoot,
    args: ['--disable-dev-shm-usage', '--disable-gpu', '--disable-background-networking'],
  });
};
