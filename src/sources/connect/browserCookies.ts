import { createHash, randomBytes } from 'node:crypto';
import type { Headers } from '../../protocol/classify.js';
import { headerOf } from '../../protocol/classify.js';
import { connectMs } from '../../protocol/connect/connectSeals.js';

/** The cookies of the gateway's pages: one that tells browsers apart, and one for each way away from the gateway and back. */
export interface BrowserCookies {
  /** Hash of the browser's own; undefined where it has none. */
  readonly browser: string | undefined;
  /** A new browser's cookie, with its hash. */
  newBrowser(): { readonly hash: string; readonly header: string };
  /** What was kept under a state. */
  flow(state: string): string | undefined;
  keepFlow(state: string, text: string): string;
  dropFlow(state: string): string;
}

/** So many ways at a time, or a browser that never comes back would send more than a request may have. */
const slots = 4;

/**
 * @param isSecure whether the browser comes by https: then the cookies have the prefix by which no other host, nor anybody on the way,
 *   can set them
 */
export const browserCookies = (headers: Headers, isSecure: boolean): BrowserCookies => {
  const prefix = isSecure ? '__Host-sluice-' : 'sluice-';
  const attributes = `; Path=/; HttpOnly; SameSite=Lax${isSecure ? '; Secure' : ''}; Max-Age=`;
  const found = new Map(
    (headerOf(headers, 'cookie') ?? '')
      .split(';')
      .map((pair) => /^ *([^=]+)=([\w-]+) *$/.exec(pair) ?? [])
      .flatMap(([, name, value]) => (name === undefined || value === undefined ? [] : [[name, value]])),
  );
  const slotOf = (state: string): string => `${prefix}way${state.charCodeAt(0) % slots}`;
  const own = found.get(`${prefix}browser`);
  return {
    browser: own === undefined || own.length !== idLength ? undefined : hashOf(own),
    newBrowser() {
      const id = randomBytes(32).toString('base64url');
      return { hash: hashOf(id), header: `${prefix}browser=${id}${attributes}${connectMs / 1000}` };
    },
    flow: (state) => found.get(slotOf(state)),
    keepFlow: (state, text) => `${slotOf(state)}=${text}${attributes}${connectMs / 1000}`,
    dropFlow: (state) => `${slotOf(state)}=${attributes}0`,
  };
};

/** Of 32 bytes in base64url. */
const idLength = 43;

const hashOf = (id: string): string => createHash('sha256').update(id).digest('base64url');
