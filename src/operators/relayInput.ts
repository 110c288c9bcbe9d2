import { map, type OperatorFunction } from 'rxjs';
import { answerOf, service, type Service } from '../streams/service.js';
import { refusal } from '../protocol/errors.js';
import { inputRequired, isAskable, missingCapability, type InputRequest } from '../protocol/input.js';
import { isObject, type JsonRpcError } from '../protocol/jsonrpc.js';
import type { Capabilities } from '../protocol/mcp.js';
import { requestDigest, type CallState, type StateSeal } from '../protocol/sealedState.js';
import { gatherInput } from './gatherInput.js';
import { capabilitiesOf } from '../streams/capabilitiesOf.js';
import type { Authenticated, Exchange, InSession, Resolved, Resuming } from '../streams/exchange.js';
import type { Parking } from '../streams/parking.js';
import type { Reply } from '../streams/reply.js';

export interface RelayInputOptions {
  readonly seal: StateSeal;
  readonly parking: Parking;
}

/**
 * Carries what a server asks of a client, whichever way either of them knows: a request on the client's stream, or a result
 * that wants a retry. All four pairs of eras meet here.
 *
 * ```
 *                      server asks by request        server asks by result
 * client takes requests    passed through                gatherInput: ask, then retry
 * client takes results     parked until the retry        passed through, its state sealed
 * ```
 *
 * @param part sends the call; it takes the part as an argument because a retry sends it again
 */
export const relayInput = <E extends Exchange & Authenticated & InSession & Resolved & Resuming>(
  part: OperatorFunction<E, Reply>,
  { seal, parking }: RelayInputOptions,
): Service<E, Reply> => {
  const send = answerOf(part);
  const gather = answerOf(gatherInput(part));
  return service((exchange) => {
    const capabilities = capabilitiesOf(exchange);
    const { target, parked, origin, outlet } = exchange;
    if (origin.revision.asksByRequest) return gather(exchange);
    const sealed = (state: Pick<CallState, 'upstream' | 'parked'>): string =>
      seal.seal({ ...identity(exchange), ...state });
    // Asked before anything is parked: what a client can't be asked for would wait for nobody.
    const permit = (requests: Readonly<Record<string, InputRequest>>): void =>
      demandAll(requests, capabilities);
    if (parked !== undefined)
      return parking
        .resume(parked, target.params['inputResponses'], outlet.valve, permit)
        .pipe(map(checked(capabilities)));
    const replies$ = send(exchange).pipe(
      map((reply) => asRound(withSealedState(reply, sealed), capabilities)),
    );
    // Who can't be asked has nothing to be parked for, and most clients can't.
    return isAskable(capabilities)
      ? parking
          .watch(replies$, (id) => sealed({ parked: id }), outlet.valve, permit)
          .pipe(map(checked(capabilities)))
      : replies$;
  });
};

const identity = ({ principal, target }: Exchange & Authenticated & Resolved) => ({
  principalId: principal.id,
  server: target.server.settings.name,
  method: target.method,
  digest: requestDigest(target.method, target.params),
});

/** The server's own state, sealed; where it sent none, none is made up. */
const withSealedState = (reply: Reply, sealed: (state: Pick<CallState, 'upstream'>) => string): Reply => {
  const upstream = reply.kind === 'result' ? inputRequired(reply.result)?.requestState : undefined;
  if (reply.kind !== 'result' || upstream === undefined) return reply;
  return { ...reply, result: { ...reply.result, requestState: sealed({ upstream }) } };
};

/** A reply as a client that takes rounds may see it. Throws `ERR_CAPABILITY_REQUIRED` for input it can't give. */
const asRound = (reply: Reply, capabilities: Capabilities): Reply =>
  checked(capabilities)(reply.kind === 'error' ? (urlRequired(reply.error) ?? reply) : reply);

const checked =
  (capabilities: Capabilities) =>
  (reply: Reply): Reply => {
    const wanted = reply.kind === 'result' ? inputRequired(reply.result) : undefined;
    if (wanted !== undefined) demandAll(wanted.inputRequests, capabilities);
    return reply;
  };

const demandAll = (requests: Readonly<Record<string, InputRequest>>, capabilities: Capabilities): void => {
  for (const request of Object.values(requests)) demand(request, capabilities);
};

const demand = (request: InputRequest, capabilities: Capabilities): void => {
  const requiredCapabilities = missingCapability(request, capabilities);
  if (requiredCapabilities === undefined) return;
  if (Object.keys(requiredCapabilities).length === 0)
    throw refusal('ERR_UPSTREAM_FAILED', 'The backend asked for what no client can be asked for');
  throw refusal('ERR_CAPABILITY_REQUIRED', 'This call needs a capability that the client has not declared', {
    data: { requiredCapabilities },
  });
};

/** -32042 (2025-11-25) must not be sent in the 2026 era: what it asks for is an elicitation by URL. */
const urlRequired = ({ code, data }: JsonRpcError): Reply | undefined => {
  if (code !== -32042 || !isObject(data) || !Array.isArray(data['elicitations'])) return undefined;
  const inputRequests = Object.fromEntries(
    data['elicitations']
      .filter(isObject)
      .map(({ elicitationId: _id, ...params }, index) => [
        `url-${index + 1}`,
        { method: 'elicitation/create', params: { ...params, mode: 'url' } },
      ]),
  );
  return { kind: 'result', result: { resultType: 'input_required', inputRequests } };
};
