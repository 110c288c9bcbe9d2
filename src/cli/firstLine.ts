/** The first line of a description, in one piece: enough to recognise a tool by. Control characters become spaces. */
export const firstLine = (text: unknown): string =>
  typeof text === 'string' ? (text.trim().split('\n', 1)[0] ?? '').replace(/\p{Cc}/gu, ' ').trim() : '';
