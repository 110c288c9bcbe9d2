import {
  catchError,
  concat,
  defer,
  EMPTY,
  map,
  merge,
  takeUntil,
  throwError,
  timer,
  type Observable,
} from 'rxjs';
import {
  connectQuestion,
  roundOf,
  saidTo,
  withoutRound,
  type ConnectRound,
} from '../../protocol/connect/connectRound.js';
import { refusal } from '../../protocol/errors.js';
import { missingCapability, type InputRequest } from '../../protocol/input.js';
import type { Backend, BackendCall } from '../../streams/backend.js';
import type { Caller } from '../../streams/caller.js';
import type { Reply } from '../../streams/reply.js';
import type { ConnectAsk, ConnectDesk } from '../oauth/connectDesk.js';
import { ConnectRequired } from '../oauth/connectRequired.js';
import { PageToOpen } from '../oauth/pageToOpen.js';

/** A retry waits so long for its person, in milliseconds: less than calls may be silent for, and than clients wait. */
const waitMs = 25_000;
/** It gives a sign of life so often, the first at once. */
const signMs = 1000;

/**
 * Sends a caller to a page of the gateway where it can let the gateway use this server in its name (URL elicitation): by the error -32042
 * in the 2025 era, whose clients are told when it is done, by a result that wants a retry in the 2026 era. A retry waits for the
 * person. Who can open no URL is told where it is.
 */
export const askingToConnect = (backend: Backend, desk: ConnectDesk): Backend => {
  const attempt = (call: BackendCall, caller: Caller, round: ConnectRound | undefined): Observable<Reply> =>
    backend
      .invoke(call)
      .pipe(
        catchError((error: unknown) =>
          error instanceof ConnectRequired
            ? desk.ask(error, caller).pipe(map((ask) => asked(ask, call, caller, round)))
            : throwError(() => error),
        ),
      );

  const asked = (
    ask: ConnectAsk,
    call: BackendCall,
    caller: Caller,
    round: ConnectRound | undefined,
  ): Reply => {
    const { server, key, before, elicitationId } = ask;
    // Rounds of one call lead to one page, which the person may have open.
    const url = round?.key === key ? round.url : ask.url;
    const message = `Open this page of the gateway to let it use "${server}" in your name. Then the call can go on.`;
    const request: InputRequest = { method: 'elicitation/create', params: { mode: 'url', message, url } };
    const missing = missingCapability(request, call.capabilities);
    const { asksByRequest } = caller.origin.revision;
    if (missing !== undefined) throw notAskable(ask, asksByRequest, missing);
    if (asksByRequest) {
      desk.tell(ask);
      const elicitations = [{ ...request.params, elicitationId }];
      return { kind: 'error', error: { code: -32042, message, data: { elicitations } } };
    }
    const requestState = desk.rounds().write({ url, key, before, held: round?.held ?? roundOf(call.params) });
    return {
      kind: 'result',
      result: { resultType: 'input_required', inputRequests: { [connectQuestion]: request }, requestState },
    };
  };

  const resumed = (call: BackendCall, caller: Caller, round: ConnectRound): Observable<Reply> => {
    const said = saidTo(call.params);
    if (said === 'decline' || said === 'cancel')
      throw refusal('ERR_INPUT_REFUSED', 'The person did not agree that the gateway uses the server');
    const next = { ...call, params: withoutRound(call.params, round) };
    const signs$ = timer(0, signMs).pipe(map((count) => signOfLife(count + 1)));
    const done$ = merge(desk.until(round.key, round.before), timer(waitMs));
    return concat(
      said === 'accept' ? signs$.pipe(takeUntil(done$)) : EMPTY,
      defer(() => attempt(next, caller, round)),
    );
  };

  return {
    ...backend,
    invoke: (call) =>
      defer(() => {
        const { caller } = call;
        if (caller === undefined) return backend.invoke(call);
        const round = desk.rounds().read(call.params);
        return round === undefined ? attempt(call, caller, undefined) : resumed(call, caller, round);
      }),
  };
};

const signOfLife = (progress: number): Reply => ({
  kind: 'notification',
  method: 'notifications/progress',
  params: { progress, message: 'Waiting for the person at the browser' },
});

const notAskable = ({ server, url }: ConnectAsk, asksByRequest: boolean, requiredCapabilities: object) => {
  const message = `The server "${server}" is used in your name, and you have not agreed to it yet, or not to enough`;
  return asksByRequest
    ? new PageToOpen('ERR_UPSTREAM_UNAUTHORIZED', message, url)
    : new PageToOpen('ERR_CAPABILITY_REQUIRED', message, url, { data: { requiredCapabilities } });
};
