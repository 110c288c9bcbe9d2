/** Headers that belong to a connection, to the message, or to whoever vouches for somebody: nobody but the gateway writes them. */
const own =
  /^(?:authorization|cookie2?|set-cookie|connection|keep-alive|te|trailers?|transfer-encoding|upgrade|host|content-.*|accept.*|expect|forwarded|x-forwarded-.*|origin|referer|last-event-id|mcp-.*|proxy-.*|sec-.*|http2-settings|sluice-.*|__.*|traceparent|tracestate|baggage|:.*)$/i;

/** RFC 9110, 5.6.2. */
const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/;

/**
 * What keeps a header from being added to a request to a backend: it may not end its line, nor stand in for one of the gateway's own.
 *
 * @returns how to go on after “a header X”; undefined for one that may be added
 */
export const addedHeaderFault = (name: string, value: string): string | undefined => {
  if (!token.test(name)) return 'with characters that no header has';
  if (own.test(name)) return 'that only the gateway may send';
  if (!/^[\t\x20-\x7e]*$/.test(value)) return 'with a line break or another character that is not allowed';
  return value.length > 4096 ? 'that is longer than 4,096 characters' : undefined;
};
