/** An instance's base URL, taken apart. */
export interface BaseUrl {
  /** `http://host:port` */
  readonly origin: string;
  /** `''` or `/root`: with a slash in front and none at the end. */
  readonly path: string;
}

/**
 * Reads a base URL.
 *
 * @throws TypeError, without the URL in its message, for anything but http and https, and for credentials, query or hash in it:
 *   a credential belongs into the server's headers, where it is neither logged nor shown
 */
export const baseUrl = (text: string): BaseUrl => {
  if (!URL.canParse(text)) throw new TypeError('The URL of a REST server is not valid');
  const { protocol, username, password, search, hash, origin, pathname } = new URL(text);
  if (protocol !== 'http:' && protocol !== 'https:')
    throw new TypeError('The URL of a REST server begins with http:// or https://');
  if (username !== '' || password !== '')
    throw new TypeError('The URL of a REST server holds no credentials; put them into its headers');
  if (search !== '' || hash !== '') throw new TypeError('The URL of a REST server has no query and no hash');
  return { origin, path: pathname.replace(/\/+$/, '') };
};
