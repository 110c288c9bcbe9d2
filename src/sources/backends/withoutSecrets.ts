import type { Observable } from 'rxjs';
import { limits } from '../../config/limits.js';
import type { TextRedactor } from '../../protocol/redaction/textRedactor.js';
import { redactedReplies } from '../../streams/redactedReplies.js';
import type { Reply } from '../../streams/reply.js';

/** Replies without what a server repeats of its own credentials, which may be spread over texts that come in parts. */
export const withoutSecrets = (replies$: Observable<Reply>, conceal: TextRedactor): Observable<Reply> =>
  redactedReplies(replies$, { arguments: undefined, results: conceal, holdMs: limits.redactHoldMs });
