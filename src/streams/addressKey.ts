import { isIPv6 } from 'node:net';

/**
 * What an address is counted by: itself, or the network of 64 bits that an IPv6 address is in, for that is the least that one
 * subscriber has to himself.
 */
export const addressKey = (address: string): string => {
  const [plain = ''] = address.split('%');
  const older = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(plain)?.[1];
  if (older !== undefined) return older;
  return isIPv6(plain) ? `${groups(plain).slice(0, 4).join(':')}::/64` : plain;
};

/** The eight groups of an IPv6 address, without zeros in front; those of an IPv4 address at its end are not told apart. */
const groups = (address: string): readonly string[] => {
  const [head = '', tail] = address.toLowerCase().split('::');
  const [before, after] = [partsOf(head), partsOf(tail ?? '')];
  const missing = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  return [...before, ...new Array<string>(missing).fill('0'), ...after];
};

const partsOf = (text: string): readonly string[] =>
  text === '' ? [] : text.split(':').map((part) => part.replace(/^0+(?=.)/, ''));
