import { isNetwork } from './isNetwork.js';

/** True for a host name, one with `*.` in front, an IP address, or a network as `address/bits`. */
export const isHost = (text: string): boolean => isNetwork(text) || isName(text);

const isName = (text: string): boolean =>
  text.length <= 253 &&
  /^(\*\.)?([A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9])?\.?)+$/.test(text) &&
  !/^[\d.]+$/.test(text);
