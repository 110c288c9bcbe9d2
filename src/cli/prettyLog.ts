import pretty, { type PrettyStream } from 'pino-pretty';
import { coloursOf } from './terminal.js';

/** A stream that takes JSON log lines and writes them for people, at once: a terminal has no one to batch for. */
export const pinoPretty = (fd: 1 | 2): PrettyStream =>
  pretty({
    destination: fd,
    sync: true,
    colorize: coloursOf(fd === 1 ? process.stdout : process.stderr, process.env).isColorSupported,
    messageKey: 'msg',
    timestampKey: 'timestamp',
    translateTime: 'SYS:HH:MM:ss.l',
    ignore: 'event',
    messageFormat: '{event} {msg}',
    singleLine: true,
  });
