import type { Screen } from './terminal.js';

/** Control characters but tab and newline: what steers a terminal. */
const steering = /(?![\t\n])\p{Cc}/gu;

/** Text of a foreign server as it may be written to a screen: on a terminal without what steers it, in a pipe as it is. */
export const printable = (text: string, screen: Screen): string =>
  screen.isTTY === true ? text.replace(/\r\n/g, '\n').replace(steering, '\uFFFD') : text;
