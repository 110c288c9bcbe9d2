import type { IncomingMessage } from 'node:http';

/**
 * The value of a cookie.
 *
 * @returns undefined also where there are two of that name: one of them was put there by another page of this host
 */
export const cookieOf = ({ headers }: IncomingMessage, name: string): string | undefined => {
  const found = (headers.cookie ?? '')
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part.startsWith(`${name}=`));
  return found.length === 1 ? found[0]?.slice(name.length + 1) : undefined;
};
