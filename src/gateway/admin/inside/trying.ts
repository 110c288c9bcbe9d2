import { of } from 'rxjs';
import { errorTable, type GatewayErrorCode } from '../../../protocol/errors.js';
import type { JsonRpcError } from '../../../protocol/jsonrpc.js';
import { knownRevision } from '../../../protocol/revisions/index.js';
import {
  exchange,
  type Origin,
  type Outlet,
  type Pipeline,
  type Principal,
} from '../../../streams/exchange.js';
import type { Caller, Identify } from '../../../streams/identify.js';
import { knownPrincipal } from '../../../streams/knownPrincipal.js';
import type { Latest } from '../../../streams/latest.js';
import { serveEach, type ServeEachOptions } from '../../../streams/serveEach.js';
import { alwaysOpen } from '../../../streams/valve.js';
import type { Inside, Tried, TryQuestion } from '../questions.js';

/** Calls tools in the name of people who have signed in to the console. */
export interface Trying {
  /** Who calls, with those people among them. */
  readonly identify: Identify;
  call(question: TryQuestion, pipeline: Latest<Pipeline>, serving: ServeEachOptions): Promise<Tried>;
  /** Cancels a call that is under way, as if its client had left. */
  readonly cancel: Inside['cancel'];
}

/**
 * A tried call passes the whole pipeline like any other: limits, policies, redaction and audit hold for it. That its caller has signed in
 * is known by the object of its origin, which nothing that comes from outside can be.
 */
export const trying = (identify: Identify, version: string): Trying => {
  const people = new WeakMap<Caller, Principal>();
  /** What ends those under way, by their tickets. */
  const underWay = new Map<string, () => void>();
  return {
    identify: (caller) => people.get(caller) ?? identify(caller),
    cancel({ ticket }) {
      underWay.get(ticket)?.();
      return undefined;
    },
    call: ({ user, tenant, name, args, namespace, ticket }, pipeline, serving) =>
      new Promise((resolve) => {
        const origin: Origin = {
          transport: 'in-process',
          namespace,
          revision: knownRevision('2026-07-28'),
          sessionId: undefined,
          headers: {},
          address: undefined,
          batch: false,
        };
        people.set(
          origin,
          knownPrincipal({
            id: `console ${JSON.stringify([tenant, user])}`,
            user,
            clientId: 'sluice-console',
            tenant,
          }),
        );
        let answer: Pick<Tried, 'result' | 'error'> = {
          error: { code: 'ERR_CANCELLED', message: 'The call was cancelled' },
        };
        const outlet: Outlet = {
          valve: alwaysOpen,
          onGone(gone) {
            underWay.set(ticket, () => {
              gone('left');
              outlet.complete();
            });
          },
          next(reply) {
            if (reply.kind === 'result') answer = { result: reply.result };
            // What a server says of its own is not the gateway's.
            else if (reply.kind === 'error') answer = { error: told(reply.error, tried.notes.error?.code) };
          },
          complete() {
            underWay.delete(ticket);
            resolve({
              ...answer,
              call_id: tried.id,
              duration_ms: Math.round((performance.now() - tried.startedAt) * 1000) / 1000,
            });
          },
          error: () => undefined,
        };
        const tried = exchange({
          origin,
          outlet,
          message: {
            jsonrpc: '2.0',
            id: 1,
            method: 'tools/call',
            params: {
              name,
              arguments: args,
              _meta: {
                'io.modelcontextprotocol/protocolVersion': '2026-07-28',
                'io.modelcontextprotocol/clientCapabilities': {},
                'io.modelcontextprotocol/clientInfo': { name: 'sluice-console', version },
              },
            },
          },
        });
        serveEach(of(tried), pipeline, serving);
      }),
  };
};

const told = (
  { code, message }: JsonRpcError,
  own: GatewayErrorCode | undefined,
): NonNullable<Tried['error']> => ({
  code: own !== undefined && errorTable[own].rpc === code ? own : code,
  message,
});
