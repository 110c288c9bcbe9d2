import { isIP } from 'node:net';

/** True for a host name, one with `*.` in front, an IP address, or a network as `address/bits`. */
export const isHost = (text: string): boolean => {
  const [address = '', bits, ...more] = text.split('/');
  const family = isIP(address);
  if (bits === undefined) return family > 0 || isName(text);
  return (
    more.length === 0 &&
    /^\d{1,3}$/.test(bits) &&
    Number(bits) <= { 0: -1, 4: 32, 6: 128 }[family as 0 | 4 | 6]
  );
};

const isName = (text: string): boolean =>
  text.length <= 253 &&
  /^(\*\.)?([A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9])?\.?)+$/.test(text) &&
  !/^[\d.]+$/.test(text);
