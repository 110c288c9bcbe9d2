import { Subject, defer, finalize, switchMap } from 'rxjs';
import type { Implementation } from '../../../protocol/mcp.js';
import type { Backend, Completion } from '../../../streams/backend.js';
import type { Log } from '../../../streams/log.js';
import type { EraName } from '../mcp/detectEra.js';
import { listOffer } from '../mcp/listOffer.js';
import { untilIdle } from '../mcp/untilIdle.js';
import type { ServerListener } from '../mcp/upstreamEra.js';
import { fromChild } from './fromChild.js';
import { supervise } from './supervise.js';

export interface StdioBackendOptions {
  /** For log lines. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Added to the minimal environment that the child gets. */
  readonly env: Readonly<Record<string, string>>;
  /** Absolute working directory. */
  readonly cwd: string;
  /** Which era to speak; `auto` finds out. */
  readonly protocol: 'auto' | EraName;
  readonly log: Log;
  /** Who the gateway says it is. */
  readonly clientInfo: Implementation;
  /** Longest line; 16 MiB by default. */
  readonly maxMessageBytes?: number;
}

/**
 * An MCP server that is a child process, of either era (3.14).
 *
 * It is started with the first subscription and kept alive from then on: started again with growing pauses when it ends. Calls
 * under way then fail at once with `ERR_UPSTREAM_FAILED`; new ones wait a while for the next process, and fail with
 * `ERR_UPSTREAM_UNREACHABLE` if there is none.
 *
 * The pipe is shared, so a client that does not read can't hold the server back: notifications beyond a small number are left
 * out for it instead (see pipeConnection.ts).
 */
export const stdioBackend = (options: StdioBackendOptions): Backend => {
  const changed = new Subject<void>();
  const updated = new Subject<string>();
  const completed = new Subject<Completion>();
  const listener: ServerListener = {
    changed: () => changed.next(),
    updated: (uri) => updated.next(uri),
    completed: (elicitationId, principalId) => completed.next({ elicitationId, principalId }),
  };
  const calls = untilIdle();
  const endings = new Set<Promise<void>>();
  let offering = 0;

  const ending = (gone: Promise<void>): void => {
    endings.add(gone);
    void gone.finally(() => endings.delete(gone));
  };
  const child = { ...options, listener, maxMessageBytes: options.maxMessageBytes ?? 16 * 1024 * 1024 };
  const supervision = supervise({
    ...options,
    life: (eras) => fromChild(child, eras, ending),
    // A new process may offer something else; who is waiting for it will ask anyway.
    opened: () => void (offering === 0 && changed.next()),
  });

  return {
    offer: () =>
      defer(() => {
        offering++;
        return supervision.era();
      }).pipe(
        finalize(() => offering--),
        switchMap((era) => era.greet().pipe(switchMap((greeting) => listOffer(era, greeting)))),
      ),
    invoke: (call) =>
      defer(() => {
        calls.begin();
        return supervision.era(call.connectMs).pipe(switchMap((era) => era.send(call)));
      }).pipe(finalize(calls.end)),
    changed$: changed.asObservable(),
    updated$: updated.asObservable(),
    completed$: completed.asObservable(),
    watch: (uri) => defer(() => supervision.era().pipe(switchMap((era) => era.watch(uri)))),
    async close(graceMs) {
      await calls.idle(graceMs);
      supervision.stop();
      await Promise.all(endings);
      changed.complete();
      updated.complete();
      completed.complete();
    },
  };
};
