import pretty, { type PrettyStream } from 'pino-pretty';

/** A stream that takes JSON log lines and writes them to stdout for people, at once: a terminal has no one to batch for. */
export const pinoPretty = (): PrettyStream =>
  pretty({
    destination: 1,
    sync: true,
    colorize: process.stdout.isTTY === true && (process.env['NO_COLOR'] ?? '') === '',
    messageKey: 'msg',
    timestampKey: 'timestamp',
    translateTime: 'SYS:HH:MM:ss.l',
    ignore: 'event',
    messageFormat: '{event} {msg}',
    singleLine: true,
  });
