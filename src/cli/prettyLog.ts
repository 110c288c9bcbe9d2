import pretty, { type PrettyStream } from 'pino-pretty';
import { coloursOf } from './terminal.js';

/** A stream that takes JSON log lines and writes them to stdout for people, at once: a terminal has no one to batch for. */
export const pinoPretty = (): PrettyStream =>
  pretty({
    destination: 1,
    sync: true,
    colorize: coloursOf(process.stdout, process.env).isColorSupported,
    messageKey: 'msg',
    timestampKey: 'timestamp',
    translateTime: 'SYS:HH:MM:ss.l',
    ignore: 'event',
    messageFormat: '{event} {msg}',
    singleLine: true,
  });
