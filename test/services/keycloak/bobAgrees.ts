import { defer, of } from 'rxjs';
import type { Consent } from '../../../src/sources/oauth/consent.js';
import { Browser } from './browser.js';
import { people } from './people.js';

const redirectUri = 'http://127.0.0.1:33419/callback';

/** `sluice authorize`, with bob at the browser. */
export const bobAgrees: Consent = () =>
  of({
    redirectUri,
    show: (url) =>
      defer(async () => (await new Browser(people.bob).open(new URL(url), redirectUri)).searchParams),
  });
