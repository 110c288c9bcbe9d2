/** More would be a loop. */
const maxRedirects = 10;

/**
 * Follows an authorization URL as a user's browser would, through every redirect, and the user agrees to everything.
 *
 * The suite's authorization servers redirect at once; the last redirect leads to the gateway's callback.
 *
 * @returns the last answer, from whatever serves the callback
 */
export const browser = async (authorizationUrl: string): Promise<Response> => {
  let url = authorizationUrl;
  for (let hop = 0; hop <= maxRedirects; hop++) {
    const response = await fetch(url, { redirect: 'manual' });
    const location = response.headers.get('location');
    if (location === null || response.status < 300 || response.status > 399) return response;
    await response.body?.cancel();
    url = new URL(location, url).href;
  }
  throw new Error(`more than ${maxRedirects} redirects from ${authorizationUrl}`);
};
