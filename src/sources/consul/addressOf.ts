import type { Registration } from './registration.js';

/**
 * The base URL of an instance: `{scheme}://{Address}:{Port}{root-context}`, without a slash at its end.
 *
 * @returns undefined where what is registered makes no http or https URL, or one with more in it than it should have
 */
export const addressOf = ({ address, port, meta }: Registration): string | undefined => {
  const scheme = (meta['scheme'] || 'http').toLowerCase();
  const root = (meta['root-context'] ?? '').trim();
  const host = address.includes(':') && !address.startsWith('[') ? `[${address}]` : address;
  const text = `${scheme}://${host}${port > 0 ? `:${port}` : ''}${root === '' || root.startsWith('/') ? root : `/${root}`}`;
  if (!/^https?:/.test(scheme + ':') || !URL.canParse(text)) return undefined;
  const { username, password, search, hash, href } = new URL(text);
  if (username !== '' || password !== '' || search !== '' || hash !== '') return undefined;
  return href.replace(/\/+$/, '');
};
