/** What the clients of the matrix answer when they are asked: the user, and the model. */
export const answers = {
  elicited: { action: 'accept', content: { username: 'ada', email: 'ada@example.org' } },
  sampled: { role: 'assistant', content: { type: 'text', text: 'Paris' }, model: 'matrix' },
} as const;
