import { isIP } from 'node:net';
import { bytes } from './bytes.js';
import { isHost } from './isHost.js';
import { isNetwork } from './isNetwork.js';
import { keyBytes } from './keyBytes.js';
import { limits } from './limits.js';
import { milliseconds } from './milliseconds.js';

const fits = (amount: number, least: number, most: number): boolean => amount >= least && amount <= most;

/** The formats that kinds.ts names: what patterns can't say about a text. NaN, for what is no amount at all, never fits. */
export const formats: Readonly<Record<string, (text: string) => boolean>> = {
  'sluice-duration': (text) => fits(milliseconds(text), 1, limits.maxDurationMs),
  'sluice-duration-or-zero': (text) => fits(milliseconds(text), 0, limits.maxDurationMs),
  'sluice-size': (text) => fits(bytes(text), 1, limits.maxSizeBytes),
  'sluice-glob': (text) => text.length <= 256 && /^[^\s[\]{}]+$/.test(text),
  'sluice-url': (text) => isHttpUrl(text),
  'sluice-resolver': (text) =>
    isIP(/^(?:\[(.+)\]|([^:]+))(?::\d{1,5})?$/.exec(text)?.slice(1).join('') ?? text) > 0,
  'sluice-host': isHost,
  'sluice-network': isNetwork,
  'sluice-path-template': (text) => /^\/(?:[^\s{}#]|\{[^\s{}#]+\})*$/.test(text),
  'sluice-state-key': (text) => text.trim() === '' || keyBytes(text) !== undefined,
  // What node:http and undici accept: visible Latin-1, space and tab.
  'sluice-header-value': (text) => /^[\t\x20-\x7e\x80-\xff]*$/.test(text),
};

const isHttpUrl = (text: string): boolean => {
  // The URL parser drops white space and line breaks silently; a person who wrote them wants to know.
  if (/\s/.test(text) || !URL.canParse(text)) return false;
  const { protocol, username, password, hash } = new URL(text);
  return /^https?:$/.test(protocol) && username === '' && password === '' && hash === '';
};
