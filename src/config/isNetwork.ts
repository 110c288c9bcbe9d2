import { isIP } from 'node:net';

/** True for an IP address, or a network as `address/bits`. */
export const isNetwork = (text: string): boolean => {
  const [address = '', bits = '0', ...more] = text.split('/');
  const most = { 0: -1, 4: 32, 6: 128 }[isIP(address) as 0 | 4 | 6];
  return more.length === 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= most;
};
