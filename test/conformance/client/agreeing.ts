import { defer, of } from 'rxjs';
import type { Consent } from '../../../src/sources/oauth/consent.js';
import { browser } from './browser.js';

const redirectUri = 'http://127.0.0.1:3000/callback';

/** A user who agrees to everything; the browser arrives at a callback that nobody has to serve. */
export const agreeing: Consent = () =>
  of({
    redirectUri,
    show: (url) => defer(async () => (await browser(url.href, redirectUri)).searchParams),
  });
