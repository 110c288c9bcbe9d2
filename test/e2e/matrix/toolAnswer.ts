import type { ToolAnswer } from './matrixClient.js';

/** Reads a result of either SDK. */
export const toolAnswer = (result: unknown): ToolAnswer => {
  const { content = [], isError = false } = result as {
    readonly content?: readonly { readonly text?: string }[];
    readonly isError?: boolean;
  };
  return { text: content.map(({ text }) => text ?? '').join('\n'), isError };
};
