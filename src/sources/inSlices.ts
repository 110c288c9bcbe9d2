import { Observable } from 'rxjs';
import { valve, type Valve } from '../streams/valve.js';
import type { Chunk, Head } from './fromDispatch.js';
import type { LoopShare } from './loopShare.js';

export interface InSlicesOptions {
  /** Whether the answer with this head is to be sliced. */
  readonly wanted: (head: Head) => boolean;
  /** The client's demand: nothing is passed on while it is closed. */
  readonly demand: Valve;
  readonly share: LoopShare;
}

/** Bytes of a slice: some hundred of the shortest rows there are. */
const sliceBytes = 1024;

/**
 * Passes large pieces of an answer on in slices, each when it is its turn, and holds the backend back meanwhile.
 *
 * > A piece off a socket has up to 64 KiB: eight thousand rows of eight bytes, a tenth of a second and megabytes of events. A few such
 * > answers would leave no time for anybody else, and a client that does not read would be sent all of a piece all the same.
 *
 * ```
 * answer     H--C-------c|        C large, c small
 * inSlices   H----s-s-s-c|
 * ```
 *
 * @param open opens the answer, whose source is held back by the given valve
 */
export const inSlices = (
  open: (hold: Valve) => Observable<Head | Chunk>,
  { wanted, demand, share }: InSlicesOptions,
): Observable<Head | Chunk> =>
  new Observable((subscriber) => {
    const hold = valve();
    const pieces: Buffer[] = []; // what came off the socket before it was held: one or two
    let slicing = false;
    let running = false;
    let ended: (() => void) | undefined;

    const step = (): boolean => {
      const piece = pieces[0];
      if (subscriber.closed || piece === undefined || !demand.open) return (running = false);
      if (piece.length > sliceBytes) pieces[0] = piece.subarray(sliceBytes);
      else pieces.shift();
      subscriber.next({ kind: 'chunk', data: piece.subarray(0, sliceBytes) });
      running = pieces.length > 0 && demand.open;
      if (pieces.length === 0) goOn();
      return running;
    };
    const goOn = (): void => {
      if (ended !== undefined) ended();
      else if (demand.open) hold.resume();
    };
    const run = (): void => {
      if (running || !demand.open) return;
      running = true;
      share.run(step);
    };
    const finish = (end: () => void): void => {
      if (pieces.length === 0) end();
      else ended = end;
    };

    const attached = demand.attach({
      pause: () => hold.pause(),
      resume: () => (pieces.length > 0 ? run() : hold.resume()),
    });
    subscriber.add(attached);
    subscriber.add(
      open(hold).subscribe({
        next(part) {
          if (part.kind === 'head') slicing = wanted(part);
          if (part.kind === 'head' || !slicing || (pieces.length === 0 && part.data.length <= sliceBytes))
            return void subscriber.next(part);
          pieces.push(part.data);
          hold.pause();
          run();
        },
        error: (error: unknown) => finish(() => subscriber.error(error)),
        complete: () => finish(() => subscriber.complete()),
      }),
    );
  });
