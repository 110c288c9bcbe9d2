import { ask } from '../../support/ask.js';
import { messagesOf, type SeenMessage } from '../../support/messagesOf.js';
import { modernRequest } from '../../support/modern.js';
import { openLegacySession } from '../../support/openLegacySession.js';
import type { Era } from './faithfulServer.js';

export interface Said {
  readonly status: number;
  /** Everything that came, the answer last. */
  readonly messages: readonly SeenMessage[];
  readonly answer: SeenMessage;
}

/** A client that sends exactly what it is given, and shows what comes back before any SDK has read it. */
export interface RawClient {
  send(
    method: string,
    params?: Readonly<Record<string, unknown>>,
    meta?: Readonly<Record<string, unknown>>,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Said>;
}

const said = (raw: Awaited<ReturnType<typeof ask>>): Said => {
  const messages = messagesOf(raw);
  const answer = messages.at(-1);
  if (answer === undefined) throw new Error(`no answer, status ${raw.status}`);
  return { status: raw.status, messages, answer };
};

/** A client of the era; a legacy one opens its session first. */
export const rawClient = async (era: Era, port: number): Promise<RawClient> => {
  if (era === 'modern')
    return {
      send: async (method, params, meta, headers) =>
        said(
          await ask(
            port,
            modernRequest(method, params, { ...(meta && { meta }), ...(headers && { headers }) }),
          ),
        ),
    };
  const session = await openLegacySession(port);
  return {
    send: async (method, params, meta) =>
      said(await ask(port, session.request(method, { ...params, ...(meta && { _meta: meta }) }))),
  };
};
