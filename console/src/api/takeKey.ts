/** The key in the fragment of the link that `sluice start` prints, taken out of the address (and the history) at once. */
export const takeKey = (): string | undefined => {
  const key = new URLSearchParams(location.hash.slice(1)).get('key');
  if (key === null || location.hash.startsWith('#/')) return undefined;
  history.replaceState(null, '', `${location.pathname}#/`);
  // The route has been read from the address with the key.
  dispatchEvent(new HashChangeEvent('hashchange'));
  return key;
};
