import type { Catalog } from '../streams/catalog.js';
import { undecided, type Decision } from '../streams/decision.js';
import type { Authenticated, Exchange, InSession } from '../streams/exchange.js';
import { followed } from '../streams/followed.js';
import type { Judge } from '../streams/judge.js';
import type { Latest } from '../streams/latest.js';
import type { Redactions } from '../streams/redactions.js';
import { providerOf } from '../streams/providerOf.js';
import type { Prompt } from '../streams/sessions.js';
import { viewpointOf } from '../streams/viewpointOf.js';

/** What the policies say of watching a resource, with the scopes that its server and they need. */
export type JudgeWatch = (exchange: Exchange & Authenticated & InSession, uri: string) => Prompt<Decision>;

/**
 * Who hears that a resource has changed knows something of it: it is decided like reading. What nobody has is refused anyway. Throws
 * `ERR_CONTENT_REFUSED` for a URI that holds what a rule for redaction refuses.
 */
export const judgeWatch =
  (judge: Judge, catalog: Latest<Catalog>, redactions: Redactions): JudgeWatch =>
  (exchange, uri) => {
    const view = catalog.current.view(viewpointOf(exchange));
    const server = view && providerOf(view, uri);
    if (server === undefined) return undecided;
    const { name, prefix } = server.settings;
    const { tenant } = exchange.principal;
    redactions({ server: name, prefix, tool: undefined, tenant, mask: undefined })?.arguments?.text(uri);
    const needed = server.settings.access?.scopes ?? [];
    return followed(judge.watch(exchange, server, uri), (decision) => {
      const { obligations } = decision;
      const scopes = [...needed, ...(obligations.scopes ?? [])];
      return scopes.length === 0 ? decision : { ...decision, obligations: { ...obligations, scopes } };
    });
  };
