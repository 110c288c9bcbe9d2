import { EMPTY, firstValueFrom } from 'rxjs';
import { createGateway } from '../gateway.js';
import { constant } from '../streams/latest.js';
import { firstSettings } from './firstSettings.js';
import { flushed } from './flushed.js';
import { createLog } from './log.js';
import { stopOnUncaught } from './stopOnUncaught.js';
import { tellNotes } from './tellNotes.js';
import { version, type Terminal } from './terminal.js';

export interface ServeStdioFlags {
  readonly config: string;
  readonly logLevel: string;
  readonly allowInactive?: boolean;
}

/**
 * Runs a gateway for the one client on stdin and stdout, without listening anywhere. Returns when stdin has ended, or on
 * SIGTERM, and the calls in flight have been answered or have had their time (`drain_timeout`).
 *
 * @throws CliError when the configuration is bad, or asks for protection that is not there
 */
export const serveStdio = async (flags: ServeStdioFlags, terminal: Terminal): Promise<void> => {
  // Nothing listens, so it does not matter where the file says to.
  const settings = await firstSettings({ ...flags, host: '127.0.0.1' }, terminal);
  const log = createLog({ ...settings.log, fd: 2 });
  stopOnUncaught(log);
  tellNotes(settings, EMPTY, log);
  const gateway = createGateway(constant(settings), { log, version, stdout: 2 });
  try {
    const served = gateway.serve({ input: terminal.stdin, output: terminal.stdout });
    await Promise.race([served, firstValueFrom(terminal.interrupts$)]);
  } finally {
    await gateway.close();
    await flushed(log);
  }
};
