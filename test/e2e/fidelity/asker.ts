import type { Received } from '../../backends/mcp/scriptedServer.js';
import type { Era } from './faithfulServer.js';

/**
 * Asks in the server's way, when its tool `asks` is called, and answers with what it was told.
 *
 * @param ofTheHop what a server of the 2025 era puts into `_meta` for the next hop alone
 */
export const asker = (
  question: Readonly<Record<string, unknown>> & { readonly _meta?: object },
  ofTheHop: object = {},
) => {
  let call: Received | undefined;
  return (request: Received, era: Era): boolean => {
    const { id, method, params, result } = request.body;
    const say = (to: Received, answer: unknown) => ({
      jsonrpc: '2.0',
      id: to.body.id,
      result: { resultType: 'complete', content: [{ type: 'text', text: JSON.stringify(answer) }] },
    });
    const asked = { ...question, _meta: { ...question._meta, ...ofTheHop } };
    if (method === undefined && id !== undefined && call !== undefined) {
      request.response.writeHead(202).end();
      call.event(say(call, result));
      call.response.end();
      return true;
    }
    if (params?.['name'] !== 'asks') return false;
    if (era === 'legacy') {
      call = request;
      request.event({ jsonrpc: '2.0', id: 4711, method: 'elicitation/create', params: asked });
    } else if (params['inputResponses'] === undefined)
      request.result({
        resultType: 'input_required',
        inputRequests: { q: { method: 'elicitation/create', params: question } },
      });
    else request.json(say(request, (params['inputResponses'] as { q: unknown }).q));
    return true;
  };
};
