/** More would be a loop. */
const maxRedirects = 10;

/**
 * Follows an authorization URL as the browser of a user would who agrees to everything, through every redirect.
 *
 * @param callback where the gateway waits for the browser; what the authorization server puts behind it comes back
 * @returns the address the browser arrives at, which is not fetched
 */
export const browser = async (authorizationUrl: string, callback: string): Promise<URL> => {
  let url = new URL(authorizationUrl);
  for (let hop = 0; hop <= maxRedirects; hop++) {
    if (url.href.startsWith(callback)) return url;
    const response = await fetch(url, { redirect: 'manual' });
    await response.body?.cancel();
    const location = response.headers.get('location');
    if (location === null) throw new Error(`HTTP ${response.status}, and no way on, from ${url.href}`);
    url = new URL(location, url);
  }
  throw new Error(`more than ${maxRedirects} redirects from ${authorizationUrl}`);
};
