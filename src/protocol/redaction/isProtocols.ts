import type { Params } from '../jsonrpc.js';

/** A word of the protocol, or of JSON Schema: `input_required`, `ref/prompt`, `date-time`. */
const word = /^[A-Za-z$][A-Za-z_/-]{0,63}$/;
const mediaType = /^[A-Za-z]+\/[A-Za-z0-9.+-]{1,64}(?:; ?[a-z-]+=[A-Za-z0-9-]{1,64})?$/;
const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;
const any = /^/;

/** What a member of the protocol can hold, by its name. Nobody else's data fits, but for ids and states, which have to go as they are. */
const shapes: ReadonlyMap<string, RegExp> = new Map([
  ...'type role resultType status method mode action level format'
    .split(' ')
    .map((name) => [name, word] as const),
  ['mimeType', mediaType],
  ...['createdAt', 'lastUpdatedAt', 'lastModified'].map((name) => [name, time] as const),
  ...['requestState', 'taskId', 'nextCursor', 'elicitationId', 'toolUseId'].map(
    (name) => [name, any] as const,
  ),
]);

/** Whether a text belongs to the protocol where it stands, so that changing it would break the message. */
export const isProtocols = (name: string, text: string, { type }: Params): boolean =>
  name === 'id' ? type === 'tool_use' : (shapes.get(name)?.test(text) ?? false);
