import type { Settings } from '../config/settings.js';
import { isPretty } from './log.js';
import type { Screen, Terminal } from './terminal.js';

/** Words for people must not stand between JSON lines: then they go to stderr. */
export const bannerScreen = ({ log }: Settings, { stdout, stderr }: Terminal): Screen =>
  isPretty(log.format, stdout.isTTY === true) ? stdout : stderr;
