import type { Readable } from 'node:stream';
import { Observable } from 'rxjs';
import { refusal } from '../../protocol/errors.js';
import type { Channel } from '../../streams/channel.js';
import type { Exchange } from '../../streams/exchange.js';
import type { Latest } from '../../streams/latest.js';
import { readLines } from '../backends/stdio/readLines.js';
import { Incoming, type ChannelLimits, type ChannelOutlets } from '../channel/incoming.js';

export interface FromStdioOptions extends ChannelLimits {
  /** Longest line. */
  readonly maxBodyBytes: number;
}

/**
 * The exchanges that arrive on a pipe: one JSON-RPC message a line (2025-11-25 and 2026-07-28: basic/transports, stdio).
 *
 * Completes when the input has ended, or nobody is left to read the answers; calls in flight go on.
 */
export const fromStdio = (
  input: Readable,
  channel: Channel,
  options: Latest<FromStdioOptions>,
  outlets: ChannelOutlets,
): Observable<Exchange> =>
  new Observable((subscriber) => {
    const incoming = new Incoming({
      channel,
      transport: 'stdio',
      namespace: undefined,
      sender: { headers: {}, address: undefined },
      limits: () => options.current,
      outlets,
      exchanges: subscriber,
    });
    const { maxBodyBytes } = options.current;
    const lines = readLines(maxBodyBytes, {
      line: (text) => {
        if (text.trim() !== '') incoming.receive(text);
      },
      overlong: () =>
        incoming.refuse(
          refusal('ERR_BODY_TOO_LARGE', `A message of more than ${maxBodyBytes} bytes (http.max_body)`),
          undefined,
        ),
    });
    const done = (): void => subscriber.complete();
    // A client that does not read what it is sent may not send more either: its answers would pile up.
    const attached = channel.valve.attach(input);
    input.on('data', lines);
    input.on('end', done);
    input.on('close', done);
    channel.onGone(done);
    return () => {
      attached.unsubscribe();
      input.off('data', lines);
      input.off('end', done);
      input.off('close', done);
      input.pause();
    };
  });
